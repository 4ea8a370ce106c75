"""Fixtures and options that several tests share."""

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from examples import MEMBERS, POINTS
from in_browser import start_browser
from needle.regret.regret_table import regret_table
from needle.scores.score_table import MODEL_COLUMNS, point_values
from needle.strategies.picks import pick_table
from workflow import copy_project, snakemake

# A slow machine is no failure, and CI draws the same examples every time.
settings.register_profile("needle", deadline=None, derandomize=True)
settings.load_profile("needle")
# They hold no doctest, and several of one name cannot be looked through for any.
collect_ignore_glob = ["*/conftest.py"]


def pytest_addoption(parser):
    parser.addoption("--slurm", action="store_true", help="run tests/slurm, on a SLURM they start")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A finished run of the smallest config, never changed by a test."""
    folder = copy_project(tmp_path_factory.mktemp("finished") / "project")
    result = snakemake(folder)
    assert result.returncode == 0, result.stdout
    return folder


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One for all tests of pages, which are marked `needs_browser`."""
    driver = start_browser(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture
def project(finished, tmp_path):
    """A copy of the finished run that a test may change."""
    return Path(shutil.copytree(finished, tmp_path / "project", symlinks=True))


@pytest.fixture
def mounting():
    """Skip a test where mounting is not allowed."""
    if subprocess.run(["unshare", "-m", "mount", "--bind", "/", "/"], stderr=-3).returncode:
        pytest.skip("mounts a disk: needs root")


@pytest.fixture
def small_disk(mounting, tmp_path):
    """A disk of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "small", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def points():
    table = pd.DataFrame.from_dict(POINTS, orient="index")
    table.index = pd.MultiIndex.from_tuples(table.index, names=["task", "model"])
    return table


@pytest.fixture
def models():
    """a and b have a reference accuracy, b the higher; c is the expert."""
    rows = [
        dict.fromkeys(MODEL_COLUMNS) | {"tags": [], "contaminated_tasks": []} | row
        for row in (
            {"model": "a", "reference_accuracy": 0.5, "upstream_examples": 10, "params": 3},
            {"model": "b", "reference_accuracy": 0.7, "upstream_examples": 10, "params": 5},
            {"model": "c", "upstream_examples": 20, "params": 4, "tags": ["expert"]},
        )
    ]
    table = pd.DataFrame(rows).set_index("model", drop=False)
    table["reference_accuracy"] = table["reference_accuracy"].astype(float)
    return table


@pytest.fixture
def scores():
    """Three repeats of each score, the first of them the median."""
    rows = [
        (model, task, score, repeat, value + offset)
        for (task, model), values in POINTS.items()
        for score, value in values.items()
        for repeat, offset in enumerate([0.0, 0.01, -0.01])
    ]
    return pd.DataFrame(rows, columns=["model", "task", "score", "repeat", "value"])


@pytest.fixture
def regret(models, scores):
    """The regret table of these scores."""
    points = point_values(scores)
    picks, _ = pick_table(models, MEMBERS, points)
    return regret_table(picks, MEMBERS, scores, points, resamples=50, level=0.9, seed=0)
