"""Fixtures of the GPUs."""

import pytest
from fake_gpus import LISTING, SCRIPTS, Job, nvidia_smi

from needle.machine import gpu_pool


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Four fake GPUs, locks of this test alone, no SLURM."""
    for name in ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "NEEDLE_DEVICE"):
        monkeypatch.setenv(name, "")  # so that it is restored at the end, whatever the test sets
        monkeypatch.delenv(name)
    monkeypatch.setattr(gpu_pool, "_held", {})
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", str(SCRIPTS))
    nvidia_smi(tmp_path, f"cat <<'end'\n{LISTING}end")
    return tmp_path


@pytest.fixture
def start():
    """Start a job; at the end all are killed."""
    started = []

    def start(*args):
        started.append(Job(*args))
        return started[-1]

    yield start
    for job in started:
        job.kill()
