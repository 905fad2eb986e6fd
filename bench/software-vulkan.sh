#!/usr/bin/env bash
# Unpacks Mesa's Vulkan drivers, llvmpipe among them, which computes without a GPU, from Debian's backports into a folder of their own: nothing is
# installed, and no root is needed. WebGPU's Dawn wants Mesa 24 or later, and Debian 12 itself has 22.
#   bench/software-vulkan.sh FOLDER
set -euo pipefail

home=$(mkdir -p "$1" && cd "$1" && pwd)
mkdir -p "$home"/{lists,archives}/partial "$home/root"
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
# From where this system has its packages, backports come too.
archive=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' "Codename: $codename" | awk '$2 == "main" { print $1; exit }')
for suite in "$codename" "$codename-backports"; do
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main"
done >"$home/sources.list"

apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$home/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$home/lists" \
    -o Dir::Cache::archives="$home/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Debug::NoLocking=1 "$@"
}
apt update
apt install --yes --download-only --no-install-recommends -t "$codename-backports" mesa-vulkan-drivers libvulkan1
for package in "$home"/archives/*.deb; do dpkg -x "$package" "$home/root"; done
rm -r "$home/lists" "$home/archives"
