"""How glibc gives memory to jobs."""

import os
import platform
import subprocess
import sys

import pytest

from needle.machine.allocator import KEEP_MEMORY

PROGRAM = """
import resource, torch
def touch():
    # Two tensors of 40 MB: glibc by itself maps all anew that is larger than 32 MB.
    torch.ones(40 << 18).add(1)
for _ in range(5):
    touch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    touch()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(**env):
    """How many pages a process touches anew that asks for the same memory again and again."""
    clean = {name: value for name, value in os.environ.items() if name not in KEEP_MEMORY}
    command = [sys.executable, "-c", PROGRAM]
    return int(subprocess.run(command, env=clean | env, capture_output=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_memory_is_kept():
    assert 10 * faults(**KEEP_MEMORY) < faults()
