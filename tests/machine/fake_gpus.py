"""Four GPUs that nvidia-smi lists but no machine has, and processes that claim them."""

import select
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
FOUR = [f"GPU-{letter * 8}" for letter in "abcd"]
LISTING = "".join(f"GPU {i}: NVIDIA Fake (UUID: {uuid})\n" for i, uuid in enumerate(FOUR))


def nvidia_smi(folder, script):
    program = folder / "bin/nvidia-smi"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


# Claims a GPU and keeps it until its input ends.
JOB = """
import os, subprocess, sys
from needle.machine.gpus import assign_gpu
said = [assign_gpu(1).gpu, os.environ["CUDA_VISIBLE_DEVICES"]]
if "--child" in sys.argv:
    null = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.DEVNULL)
    said.append(subprocess.Popen(["sleep", "60"], close_fds=False, **null).pid)
print(*said, flush=True)
sys.stdin.read()
"""


class Job:
    """A process that claims a GPU and keeps it."""

    def __init__(self, *args):
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", JOB, *args]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def says(self, stream="stdout"):
        """Its next line; waits for it."""
        stream = getattr(self.process, stream)
        assert select.select([stream], [], [], 60)[0], "nothing said in a minute"
        return stream.readline()

    def gpu(self):
        """The GPU that it claims; waits until it has one."""
        gpu, variable, *_ = self.says().split()
        assert variable == gpu
        return gpu

    def kill(self):
        self.process.kill()
        self.process.communicate()
