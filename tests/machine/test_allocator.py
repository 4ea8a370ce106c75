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
    for size in (1, 4, 20):
        torch.ones(size << 18).add(1)  # two tensors of so many MB
for _ in range(5):
    touch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
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
    assert 2 * faults(**KEEP_MEMORY) < faults()
