"""Jobs of a real Snakemake share the GPUs of a machine: fake ones, computed on the processor."""

import itertools
import os
import re
from typing import NamedTuple

import numpy as np
import pytest
import yaml

from needle.models.backbones import build
from needle.models.checkpoints import save_checkpoint
from needle.tasks.task_file import SPLITS, write_task
from workflow import ROOT, copy_project, snakemake

GPUS = [f"GPU-{letter * 8}" for letter in "abcd"]
NVIDIA_SMI = "\n".join(
    ["#!/bin/sh", *(f"echo 'GPU {i}: NVIDIA Fake (UUID: {gpu})'" for i, gpu in enumerate(GPUS))]
)
PAIRS = list(itertools.product(["digits", "count"], ["resnet10t.mix", "resnet10t.glyph"]))
# What embed.py does besides: it tells since when it runs and since when it has its device, and
# keeps it until as many jobs have one as can be.
AT_FIRST = "import time; STARTED = time.time()\n"
CHOSEN = "    device = choose_device(args.threads, args.gpus)\n"
THEN = """
    import os, pathlib
    print("started", STARTED, "claimed", time.time(), flush=True)
    pathlib.Path(f"met/{os.getpid()}").touch()
    for _ in range(600):
        if len(os.listdir("met")) >= int(os.environ["MEETING"]):
            break
        time.sleep(0.05)
"""


class Job(NamedTuple):
    """The GPU of a job, and when it started, had its GPU and had written its output."""

    gpu: str
    started: float
    claimed: float
    ended: float


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Models and tasks that are quick to make, and a machine of four GPUs."""
    folder = copy_project(tmp_path_factory.mktemp("gpus") / "project")
    for card in yaml.safe_load((ROOT / "tests/config/zoo.yaml").read_text())["models"]:
        save_checkpoint(
            folder / f"resources/checkpoints/tiny/{card['name']}.safetensors", build(card), card
        )
    images, labels = np.zeros((8, 3, 32, 32), np.uint8), np.arange(8) % 2
    for task, _ in PAIRS:
        write_task(
            folder / f"resources/tasks/mini/{task}-32px.safetensors",
            dict.fromkeys(SPLITS, (images, labels)),
            {"name": task, "classes": ["even", "odd"]},
        )
    program = folder / "workflow/scripts/embed.py"
    text = program.read_text()
    assert text.count(CHOSEN) == text.count("import argparse\n") == 1
    text = text.replace("import argparse\n", AT_FIRST + "import argparse\n")
    program.write_text(text.replace(CHOSEN, CHOSEN + THEN))
    (folder / "bin").mkdir()
    (folder / "bin/nvidia-smi").write_text(NVIDIA_SMI)
    (folder / "bin/nvidia-smi").chmod(0o755)
    return folder


@pytest.fixture
def embed(project, monkeypatch):
    """Embed pairs of task and model with a number of GPUs; give the jobs."""

    def embed(gpus, pairs):
        (project / "met").mkdir()
        monkeypatch.setenv("MEETING", str(gpus))
        result = snakemake(
            project, "--cores", "4", "--resources", f"gpu={gpus}", "--set-resources",
            "embed:gpu=1", "--allowed-rules", "embed", "--forcerun", "embed", "--",
            *(f"results/tiny/embeddings/{task}/{model}.safetensors" for task, model in pairs),
        )  # fmt: skip
        assert result.returncode == 0, result.stdout
        return [job_of(project, *pair) for pair in pairs]

    monkeypatch.setenv("NEEDLE_DEVICE", "cpu")
    monkeypatch.setenv("TMPDIR", str(project))
    monkeypatch.setenv("PATH", f"{project}/bin:{os.environ['PATH']}")
    for name in ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID"):
        monkeypatch.delenv(name, raising=False)
    yield embed
    (project / "met").rename(project / f"met-{os.environ['MEETING']}")


def job_of(project, task, model):
    log = (project / f"logs/tiny/embeddings/{task}/{model}.log").read_text()
    (said,) = re.findall("^device: .*", log, re.M)
    gpu = re.fullmatch(
        r"device: processor \(NEEDLE_DEVICE=cpu, in place of (\S+), claimed, one of 4\)", said
    )
    times = re.search(r"^started (\S+) claimed (\S+)$", log, re.M)
    output = project / f"results/tiny/embeddings/{task}/{model}.safetensors"
    return Job(gpu[1], *map(float, times.groups()), output.stat().st_mtime)


def most_at_once(jobs):
    return max(sum(job.started <= at.started < job.ended for job in jobs) for at in jobs)


def test_four_gpus_have_four_jobs_at_once(embed):
    jobs = embed(4, PAIRS)
    assert most_at_once(jobs) == 4
    assert max(job.claimed for job in jobs) < min(job.ended for job in jobs)
    assert sorted(job.gpu for job in jobs) == GPUS


def test_two_gpus_have_two_of_three_jobs(embed):
    jobs = embed(2, PAIRS[:3])
    assert most_at_once(jobs) == 2
    for one, other in itertools.combinations(jobs, 2):
        at_once = one.claimed < other.ended and other.claimed < one.ended
        assert not (at_once and one.gpu == other.gpu)
