"""Unpack from wheels what the engine needs, member by member, and make it durable.

Usage: unpack.py DESTINATION WHEEL...
"""

import ctypes
import os
import re
import shutil
import signal
import sys
import zipfile

# The two libraries, the headers that the binding includes, and of the CUDA packages everything but headers and archives.
WANTED = re.compile(
    r"tensorflow/libtensorflow_(cc|framework)\.so\.2$"
    r"|tensorflow/include/(tensorflow/c|xla/tsl/c)/.*\.h$"
    r"|tensorflow/include/(tensorflow/core|tsl)/platform/ctstring\w*\.h$"
    r"|nvidia/(?!.*/include/).*(?<!\.a)(?<!/)$"
)

# Where the install is killed, nobody else would stop this half-way write into its temporary folder.
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

destination, *wheels = sys.argv[1:]
folders = {destination}
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if not WANTED.match(member.filename):
                continue
            target = os.path.join(destination, member.filename)
            folders.add(os.path.dirname(target))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(member) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
                sink.flush()
                os.fsync(sink.fileno())
            os.chmod(target, (member.external_attr >> 16) & 0o777 or 0o644)
    os.unlink(wheel)
for folder in folders:
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
