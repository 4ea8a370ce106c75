"""A run whose jobs and whose Snakemake are killed at random moments ends with the same tables."""

import contextlib
import os
import random
import shutil
import signal
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from fake_slurm import job_name, write_slurm
from workflow import command, interruptible, programs_in, same_tables, snakemake, wait_for

TABLES = ["--", "tables"]
SCORES = "results/tiny/proxies/knn/digits/resnet10t.mix.csv"


@pytest.fixture
def project(finished, tmp_path):
    """The finished run without all that comes of one of its two tasks."""
    project = Path(shutil.copytree(finished, tmp_path / "project", symlinks=True))
    results = project / "results/tiny"
    for path in (*results.glob("*.csv"), *results.rglob("digits/*"), *results.glob("tables/*")):
        path.unlink()
    shutil.rmtree(results / "figures")
    return project


def jobs_of(snakemake, folder):
    """The programs at work for this Snakemake."""
    return [job for job, _ in programs_in(folder) if group_of(job) == snakemake.pid]


def group_of(process):
    with contextlib.suppress(ProcessLookupError):
        return os.getpgid(process.pid)


def cut(kind, process, project, draw, output):
    """Kill a job or Snakemake, or press Ctrl-C, which reaches Snakemake and its jobs."""
    if kind == "snakemake":
        process.kill()
    elif kind == "interrupt":
        os.killpg(process.pid, signal.SIGINT)
    else:
        # A job may end just before it is killed.
        while "Error in rule" not in output.read_text():
            with contextlib.suppress(psutil.NoSuchProcess):
                draw.choice(wait_for(process, lambda: jobs_of(process, project))).kill()
            time.sleep(0.5)
    process.wait(timeout=60)


def files_of(results):
    """Every file and folder but figures and pages, hidden ones too."""
    paths = (path.relative_to(results) for path in results.rglob("*"))
    return {path for path in paths if path.parts[0] not in ("figures", "summary.html")}


def test_a_run_killed_at_random_ends_with_the_same_tables(project, finished, tmp_path):
    draw, output = random.Random(6), tmp_path / "output.txt"
    kept = {path: path.stat().st_mtime_ns for path in project.glob("results/tiny/**/count/*")}
    assert len(kept) == 3 * 6  # models x (embedding, kNN, LogME, LEEP, linear, fine-tune)
    cuts = ["job", "job", "snakemake", "interrupt"]
    draw.shuffle(cuts)
    for kind in cuts:
        with open(output, "w", encoding="utf-8") as file:
            process = interruptible(command(*TABLES), project, file, start_new_session=True)
        wanted = draw.randint(0, 3)
        wait_for(process, lambda n=wanted: output.read_text().count("Finished jobid") >= n)
        wait_for(process, lambda p=process: jobs_of(p, project))
        time.sleep(draw.random())
        cut(kind, process, project, draw, output)
        # It was hit: nothing else makes it fail.
        assert process.returncode == (-signal.SIGKILL if kind == "snakemake" else 1)
    result = snakemake(project, *TABLES)
    assert result.returncode == 0, result.stdout
    wait_for(None, lambda: not [*programs_in(project)])  # of a Snakemake that was killed
    same_tables(project, finished)
    assert files_of(project / "results/tiny") == files_of(finished / "results/tiny")
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


@pytest.fixture
def orphaned(finished, tmp_path, monkeypatch):
    """A run, its scores yet to be made, whose orphan takes the embeddings with it as it ends."""
    project = Path(shutil.copytree(finished, tmp_path / "project", symlinks=True))
    embeddings = project / "results/tiny/embeddings/digits/resnet10t.mix.safetensors"
    (project / SCORES).unlink()
    bin = write_slurm(tmp_path / "slurm", scancel=f"rm {embeddings}; > $(dirname $0)/../jobs")
    monkeypatch.setenv("PATH", f"{bin}:{os.environ['PATH']}")
    (tmp_path / "slurm/jobs").write_text(f"7|{job_name()}|{project}\n")
    return project


def test_what_orphans_take_with_them_is_made_anew(orphaned, finished):
    result = snakemake(orphaned, "--", SCORES)
    assert result.returncode == 0, result.stdout
    assert "left behind: 7" in result.stdout
    found, expected = (pd.read_csv(folder / SCORES).value for folder in (orphaned, finished))
    pd.testing.assert_series_equal(found, expected)


def test_from_another_folder_the_user_starts_again_after_orphans(orphaned):
    """Snakemake does not say where it was before --directory."""
    here = ["--snakefile", "project/Snakefile", "--directory", "project", "--", SCORES]
    config = "project/tests/config/run.yaml"
    result = snakemake(orphaned.parent, *here, config=config)
    assert result.returncode == 1
    assert "\nerror: jobs were cancelled after the plan was made; run again\n" in result.stdout
    assert snakemake(orphaned.parent, *here, config=config).returncode == 0
