"""A recommendation that is killed in each of its stages ends with the same answer."""

import contextlib
import shutil
from functools import partial
from itertools import chain
from pathlib import Path

import pandas as pd
import psutil
import pytest
from safetensors.numpy import load_file

from pictures import save_pictures
from workflow import command, copy_project, interruptible, programs_in, snakemake, wait_for

CONFIG = "tests/config/mydata.yaml"
STAGES = "tune_head", "finetune", "choose_best", "recommend"
ADVICE = "results/pictures/recommendation"


def jobs_in(folder, programs):
    """The processes at work in a folder, by program."""
    jobs = {}
    for process, name in programs_in(folder):
        if name in programs:
            jobs.setdefault(name, []).append(process)
    return jobs


def tables(folder):
    """The tables of the answer, the time they took aside."""
    names = ("candidates", "measures", "predictions", "reliability")
    found = {name: pd.read_csv(folder / ADVICE / f"{name}.csv") for name in names}
    timed = ["seconds", "milliseconds", "pictures_per_second", "inference_mb"]
    return found | {"candidates": found["candidates"].drop(columns=timed)}


@pytest.mark.slow
def test_killed_in_each_stage_it_ends_with_the_same_answer(tmp_path):
    project = copy_project(tmp_path / "project")
    save_pictures(project / "pictures")
    assert snakemake(project, "--", "search", config=CONFIG).returncode == 0
    whole = Path(shutil.copytree(project, tmp_path / "whole", symlinks=True))
    assert snakemake(whole, "--", "recommend", config=CONFIG).returncode == 0
    left = set(STAGES)
    while left:  # in whatever order the stages come
        with open(tmp_path / "output.txt", "w", encoding="utf-8") as file:
            words = command("--", "recommend", config=CONFIG)
            process = interruptible(words, project, file, start_new_session=True)
        found = wait_for(process, partial(jobs_in, project, left))
        process.kill()
        process.wait(timeout=60)
        for job in chain(*found.values()):
            with contextlib.suppress(psutil.NoSuchProcess):
                job.kill()
        left.difference_update(found)
    result = snakemake(project, "--", "recommend", config=CONFIG)
    assert result.returncode == 0, result.stdout
    for name, table in tables(whole).items():
        pd.testing.assert_frame_equal(tables(project)[name], table, check_exact=True)
    said, expected = (load_file(f / ADVICE / "probabilities.safetensors") for f in (project, whole))
    assert said.keys() == expected.keys()
    assert all((said[name] == expected[name]).all() for name in expected)
    files = [f.relative_to(whole) for f in (whole / ADVICE / "best").rglob("*.safetensors")]
    assert files
    for file in files:
        assert (project / file).read_bytes() == (whole / file).read_bytes()
