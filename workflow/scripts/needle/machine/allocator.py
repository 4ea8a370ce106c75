"""How glibc gives memory to jobs."""

import os
import sys

# glibc maps every large tensor anew, gives it back when it is freed, and takes memory in pages of 4
# kB, each filled with zeros when it is first touched. With these a process keeps what it has had,
# in pages of 2 MB. One threshold alone would do harm: glibc then no longer adapts the other.
KEEP_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": str(2**32),
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


def keep_memory():
    """Start this program again with these settings, which are read as a process begins.

    For programs that no rule starts; what a user has set stays.
    """
    if not KEEP_MEMORY.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.argv], KEEP_MEMORY | os.environ)
