"""Learned strategies through the real Snakefile: a store, task embeddings, shown."""

import hashlib
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from test_run_the_benchmark import ANALYSIS

from needle.store.reading import read_entry
from workflow import planned, snakemake

CONFIG = """store: [before]
task_embedding: {model: resnet10t.mix}
shown: [prior, random]
"""
LEARNED = {"prior", "portfolio", "nearest-tasks", "known-average"}


def add(project, name="before"):
    """Add the finished run to the store `before`, under another name than its own."""
    program = "workflow/scripts/store.py"
    command = [sys.executable, program, "results/tiny", "--as", name, "--store", "before"]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def learning(project):
    """The finished run, and a store with its results as if they were another's."""
    add(project)
    path = project / "tests/config/run.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("shown")]
    path.write_text("\n".join(lines) + "\n" + CONFIG)
    return project


def picked(project):
    return set(pd.read_csv(project / "results/tiny/picks.csv")["strategy"])


def skipped(project):
    gaps = pd.read_csv(project / "results/tiny/tables/gaps.csv")
    return gaps[gaps["kind"] == "skipped strategy"].set_index("strategy")["reason"]


def test_a_run_learns_from_a_store(learning):
    """On each task: from the other one, and from that one in the store."""
    entry = read_entry(learning / "before/before")
    assert all(card["sha256"] for card in [*entry.models.values(), *entry.tasks.values()])
    assert entry.run["machines"][0]["versions"].keys() == {"torch", "timm"}
    tuned = entry.rows[entry.rows["score"] == "finetune"]
    assert (tuned["seconds"] > 0).all()
    assert tuned["device"].str.endswith("processor").all()
    assert LEARNED & picked(learning) == {"known-average"}
    assert set(skipped(learning).index) >= {"prior", "nearest-tasks", "task2vec"}
    assert planned(learning) == ANALYSIS | {"embed_task": 2, "describe_run": 1}
    result = snakemake(learning)
    assert result.returncode == 0, result.stdout
    assert picked(learning) >= LEARNED
    assert skipped(learning)["task2vec"] == (
        "needs fine-tune results on 2 other tasks; there are 1, and a store can add more"
    )
    results = learning / "results/tiny"
    compared = pd.read_csv(results / "tables/strategies.csv")
    assert set(compared["strategy"]) == picked(learning) | {"random"}
    assert set(compared["baseline"]) == {"linear"}
    assert compared.loc[compared["strategy"] == "prior", "seconds"].notna().all()
    assert "Skipped: Task2Vec" in (results / "tables/strategies.txt").read_text()
    assert (results / "figures/regret/prior.svg").exists()
    # The store gets the embeddings of its tasks, which the same network has made.
    assert ", 0 of them new" in add(learning)
    assert planned(learning) == ANALYSIS
    result = snakemake(learning, "--", "results/tiny/picks.csv")
    assert result.returncode == 0, result.stdout
    assert "task2vec" in picked(learning)
    assert planned(learning, "--", "results/tiny/picks.csv") == {}


def test_a_store_that_is_fetched_is_fetched_first(learning):
    archive = shutil.make_archive(learning / "mirror/results", "zip", learning / "before")
    with open(archive, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path = learning / "tests/config/run.yaml"
    named = f"store: [{{url: https://nowhere.invalid/results.zip, sha256: {digest}}}]\n"
    text = path.read_text().replace("store: [before]\n", f"{named}mirror: mirror\n")
    path.write_text(text)
    assert planned(learning)["fetch_store"] == 1
    result = snakemake(learning, "--", "results/tiny/picks.csv")
    assert result.returncode == 0, result.stdout
    assert picked(learning) >= LEARNED
    assert read_entry(learning / f"resources/stores/{digest}/before").name == "before"


def test_only_what_is_shown_is_drawn(learning):
    jobs = snakemake(learning, "--dry-run", "--", "figures").stdout
    assert "figures/regret/prior.svg" in jobs
    assert "figures/regret/linear.svg" not in jobs
    assert "figures/scatter/linear" not in jobs
    assert "figures/delta/task-agnostic-minus-linear-B1.svg" in jobs


def test_a_recommendation_that_learns_needs_a_store(finished, tmp_path):
    config = yaml.safe_load((finished / "config/mydata.yaml").read_text()) | {"strategy": "prior"}
    path = tmp_path / "mydata.yaml"
    path.write_text(yaml.safe_dump({key: config[key] for key in config if key != "store"}))
    result = snakemake(finished, "--dry-run", "--", "search", config=str(path))
    assert result.returncode != 0
    assert "strategy: prior learns from results on other tasks; name a store" in result.stdout
    path.write_text(yaml.safe_dump(config))
    assert planned(finished, "--", "search", config=str(path))["search"] == 1
