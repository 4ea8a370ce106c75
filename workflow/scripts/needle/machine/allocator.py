"""How glibc gives memory to jobs."""

import os
import sys

# glibc maps every large tensor anew and gives it back when it is freed, and all its pages are
# filled with zeros again. With both, a process keeps what it has had. The first alone does harm:
# glibc then no longer adapts the second.
KEEP_MEMORY = dict.fromkeys(["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"], str(2**32))


def keep_memory():
    """Start this program again with these settings, which are read as a process begins.

    For programs that no rule starts; what a user has set stays.
    """
    if not KEEP_MEMORY.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.argv], KEEP_MEMORY | os.environ)
