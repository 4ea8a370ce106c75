"""Needle's rules from another folder, in a workflow of one's own, and configs to begin with."""

import subprocess

import numpy as np
import pytest
import yaml

from needle.base.schema import read_yaml
from pictures import save_pictures
from workflow import ROOT, copy_project, planned, same_tables, snakemake

# What another workflow says to use Needle, as docs/module.md has it.
MODULE = """
module needle:
    snakefile: {snakefile}
    config: config
"""
RENAMED = """
use rule * from needle as needle_*

rule all:
    default_target: True
    input: "mine.txt", rules.needle_tables.input

rule mine:
    input: "results/tiny/tables/headline.txt"
    output: "mine.txt"
    shell: "cp {input} {output}"

onstart:
    needle.onstart()
"""
USED = "use rule * from needle\n"
LOCAL = '"../it\'s a place/needle/workflow/Snakefile"'


@pytest.fixture
def needle(tmp_path):
    """A copy of Needle in a folder whose name has to be quoted."""
    return copy_project(tmp_path / "it's a place/needle")


@pytest.fixture
def work(tmp_path):
    """A user's working directory, with such a name too."""
    folder = tmp_path / "a user's work"
    folder.mkdir()
    return folder


def write_workflow(folder, snakefile, use, config):
    """Write a workflow that has Needle as a module; give its config as snakedeploy places it."""
    (folder / "Snakefile").write_text(MODULE.format(snakefile=snakefile) + use)
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return "config/config.yaml"


def files(folder):
    """All below a folder, and when it was written."""
    return {path.relative_to(folder): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_a_workflow_of_ones_own_makes_the_same_tables(needle, work, finished):
    config = write_workflow(work, LOCAL, RENAMED, read_yaml(ROOT / "tests/config/run.yaml"))
    before = files(needle)
    result = snakemake(work, config=config)
    assert result.returncode == 0, result.stdout
    same_tables(work, finished)
    headline = (work / "results/tiny/tables/headline.txt").read_text()
    assert (work / "mine.txt").read_text() == headline
    assert "jobs left" in result.stdout  # which Needle's onstart sees to
    # The same files by -s and -d, from yet another folder, when Needle lies elsewhere: no job is
    # done again, and nothing is written but in the working directory.
    needle = needle.rename(needle.parent / "moved")
    called = ["-s", str(needle / "Snakefile"), "-d", str(work)]
    run = str(needle / "tests/config/run.yaml")
    assert planned(needle.parent, *called, "--", "tables", config=run) == {}
    result = snakemake(needle.parent, *called, "--", "figures", config=run)
    assert result.returncode == 0, result.stdout
    assert (work / "results/tiny/figures/optimal_picks.svg").exists()
    assert files(needle) == before
    assert list(needle.parent.iterdir()) == [needle]


def test_a_recommendation_in_a_workflow_of_ones_own(needle, work):
    labels = np.repeat(["up", "down"], 20)
    (work / "features").mkdir()
    for model in ("one", "other"):
        features = np.random.default_rng(len(model)).normal(size=(40, 5))
        split = np.where(np.arange(40) % 4, "train", "val")
        np.savez(work / f"features/{model}.npz", features=features, labels=labels, split=split)
    recommendation = read_yaml(ROOT / "tests/config/mydata.yaml")
    config = write_workflow(
        work, LOCAL, USED, recommendation | {"data": "features", "strategy": "linear"}
    )
    result = snakemake(work, config=config)
    assert result.returncode == 0, result.stdout
    assert "one" in (work / "results/features/recommendation/report.html").read_text()


@pytest.mark.parametrize("snakefile", ["Snakefile", "workflow/Snakefile"])
def test_files_that_come_with_needle_are_found(needle, work, snakefile):
    config = needle / "config/published/haystack2021.yaml"
    jobs = planned(work, "-s", str(needle / snakefile), config=str(config))
    assert jobs["import_scores"] == jobs["compare_with_paper"] == 1


def test_a_repository_is_fetched_with_its_programs(needle, work, tmp_path, monkeypatch):
    repository = tmp_path / "repository"
    copy_project(repository)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"],
                    [*identity, "commit", "--quiet", "--message=all"]):  # fmt: skip
        subprocess.run(["git", *command], cwd=repository, check=True)
    # The network of these tests.
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{repository}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/someone/needle")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    hosted = 'github("someone/needle", path="workflow/Snakefile", branch="main")'
    config = write_workflow(work, hosted, USED, read_yaml(ROOT / "tests/config/run.yaml"))
    result = snakemake(work, "--", "results/tiny/tasks.csv", config=config)
    assert result.returncode == 0, result.stdout
    assert (work / "results/tiny/tasks.csv").read_text().startswith("task,label,group\n")


def test_the_templates_are_planned(tmp_path):
    folder = copy_project(tmp_path / "project")
    save_pictures(folder / "pictures")
    config = yaml.safe_load((folder / "config/mydata.yaml").read_text())
    stop = ["--config", "unavailable=stop"]
    jobs = planned(folder, *stop, "--", "search", config="config/mydata.yaml")
    models = len(config.get("models", range(8)))
    assert jobs["draw_demo"] == jobs["prepare_data"] == 1
    assert jobs["fetch_weights"] == jobs["convert_weights"] == jobs["embed"] == models
    assert jobs["quick_proxies"] == jobs["linear"] == models
    for template, models in (("photos", 23), ("mydata_modern", 44)):
        options = ["--config", "data=pictures", "run=new", "unavailable=stop", "rounds=[]"]
        options += ["--", "search"]
        jobs = planned(folder, *options, config=f"config/{template}.yaml")
        assert jobs["fetch_weights"] == jobs["convert_weights"] == jobs["embed"] == models
        # Which go on, once some pictures were drawn and embedded.
        options.remove("rounds=[]")
        jobs = planned(folder, *options, config=f"config/{template}.yaml")
        assert jobs["fetch_weights"] == jobs["convert_weights"] == models
        assert jobs["draw_rounds"] == jobs["search"] == 1
        # Which models there are is known once their weights were asked for.
        options = ["--config", "data=pictures", "run=new", "--", "search"]
        jobs = planned(folder, *options, config=f"config/{template}.yaml")
        assert jobs["fetch_pool"] == jobs["search"] == 1
