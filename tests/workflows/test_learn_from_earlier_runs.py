"""Learned strategies through the real Snakefile: earlier runs, task embeddings, shown."""

import shutil

import pandas as pd
import pytest
import yaml
from test_run_the_benchmark import ANALYSIS

from workflow import planned, snakemake

CONFIG = """earlier_runs: [results/before]
task_embedding: {model: resnet10t.mix}
shown: [prior, random]
"""
LEARNED = {"prior", "portfolio", "nearest-tasks", "known-average"}


@pytest.fixture
def learning(project):
    """The finished run, and a copy of its scores as an earlier one."""
    results = project / "results"
    (results / "before").mkdir()
    for table in ("models.csv", "scores.csv"):
        shutil.copy(results / "tiny" / table, results / "before" / table)
    path = project / "tests/config/run.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("shown")]
    path.write_text("\n".join(lines) + "\n" + CONFIG)
    return project


def picked(project):
    return set(pd.read_csv(project / "results/tiny/picks.csv")["strategy"])


def skipped(project):
    gaps = pd.read_csv(project / "results/tiny/tables/gaps.csv")
    return gaps[gaps["kind"] == "skipped strategy"].set_index("strategy")["reason"]


def test_a_run_learns_from_an_earlier_one(learning):
    """On each task: from the other one, and from that one in the earlier run."""
    assert LEARNED & picked(learning) == {"known-average"}
    assert set(skipped(learning).index) >= {"prior", "portfolio", "nearest-tasks", "task2vec"}
    assert planned(learning) == ANALYSIS | {"embed_task": 2, "describe_run": 1}
    result = snakemake(learning)
    assert result.returncode == 0, result.stdout
    assert picked(learning) >= LEARNED
    assert skipped(learning)["task2vec"] == (
        "needs fine-tune results on 2 other tasks; there are 1, and earlier_runs can add more"
    )
    results = learning / "results/tiny"
    compared = pd.read_csv(results / "tables/strategies.csv")
    assert set(compared["strategy"]) == picked(learning) | {"random"}
    assert set(compared["baseline"]) == {"linear"}
    assert compared.loc[compared["strategy"] == "prior", "seconds"].notna().all()
    assert "Skipped: Task2Vec" in (results / "tables/strategies.txt").read_text()
    assert (results / "figures/regret/prior.svg").exists()
    # The earlier run's tasks are embedded too, by the same network.
    shutil.copytree(results / "task_embeddings", learning / "results/before/task_embeddings")
    assert planned(learning) == ANALYSIS
    result = snakemake(learning, "--", "results/tiny/picks.csv")
    assert result.returncode == 0, result.stdout
    assert "task2vec" in picked(learning)
    assert planned(learning, "--", "results/tiny/picks.csv") == {}


def test_only_what_is_shown_is_drawn(learning):
    jobs = snakemake(learning, "--dry-run", "--", "figures").stdout
    assert "figures/regret/prior.svg" in jobs
    assert "figures/regret/linear.svg" not in jobs
    assert "figures/scatter/linear" not in jobs
    assert "figures/delta/task-agnostic-minus-linear-B1.svg" in jobs


def test_a_recommendation_that_learns_needs_earlier_runs(finished, tmp_path):
    config = yaml.safe_load((finished / "config/mydata.yaml").read_text()) | {"strategy": "prior"}
    path = tmp_path / "mydata.yaml"
    path.write_text(yaml.safe_dump(config))
    result = snakemake(finished, "--dry-run", "--", "search", config=str(path))
    assert result.returncode != 0
    assert "strategy: prior learns from finished runs; name them in earlier_runs" in result.stdout
    path.write_text(yaml.safe_dump(config | {"earlier_runs": ["results/tiny"]}))
    assert planned(finished, "--", "search", config=str(path))["search"] == 1
