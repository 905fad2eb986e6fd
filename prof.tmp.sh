/usr/bin/time -f "%e real %U user %S sys" env $1 node mid.tmp.mjs mid
