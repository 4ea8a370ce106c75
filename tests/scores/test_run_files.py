"""What is collected from the files of the runs: scores, seconds and steps."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needle.base.csv_files import write_rows
from needle.embedding.embedding_file import Embeddings, write_embeddings
from needle.scores.seconds import of_repeat

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"


def test_a_repeat_costs_all_its_learning_rates():
    runs = pd.DataFrame({"repeat": [0, 0, 1, 1], "seconds": [1.0, 2.0, 10.0, 20.0]})
    assert of_repeat(runs, "seconds") == 16.5
    runs.loc[0, "seconds"] = np.nan
    assert np.isnan(of_repeat(runs, "seconds"))


@pytest.fixture
def run_files(tmp_path):
    """Files of one (model, task): an embedding, kNN, two rates twice measured once on the way."""
    features, labels = np.zeros((2, 3), np.float32), np.zeros(2, np.int64)
    write_embeddings(
        tmp_path / "embeddings/t/m.x.safetensors",
        Embeddings(features, labels, features, labels, classes=2),
        {"model": "m.x", "task": "t", "seconds": 7.5},
    )
    knn = {"repeat": 0, "learning_rate": None, "value": 0.5, "seconds": 1.0, "reason": None}
    write_rows(tmp_path / "proxies/knn/t/m.x.csv", [knn])
    runs = [
        {"repeat": repeat, "learning_rate": rate, "val_accuracy": 0.8, "test_accuracy": 0.7,
         "diverged": False, "steps": 8, "seconds": 1.0 + repeat, "val_accuracy_25": reached,
         "steps_25": 2, "seconds_25": 0.5, "seconds_100": 1.25 + repeat}
        for repeat, rate, reached in ((0, 0.1, 0.25), (0, 0.2, 0.5), (1, 0.1, None), (1, 0.2, 0.75))
    ]  # fmt: skip
    write_rows(tmp_path / "finetune/t/m.x.csv", runs)
    return tmp_path


def collected(program, folder, table, *others):
    """Run a program that collects tables, and read the first."""
    count = '{"knn": 1, "finetune": 4}'
    command = ["--models", "m.x", "--tasks", "t", "--runs", count, "--results", folder]
    tables = [arg for name in (table, *others) for arg in (f"--{name}", folder / f"{name}.csv")]
    subprocess.run([sys.executable, SCRIPTS / program, *command, *tables], check=True)
    return (folder / f"{table}.csv").read_text().split()


def test_seconds_and_steps_are_collected_from_the_files_of_the_runs(run_files):
    assert collected("collect_seconds.py", run_files, "output") == [
        "model,task,stage,seconds,steps",
        "m.x,t,embedding,7.5,0.0",
        "m.x,t,knn,1.0,0.0",
        "m.x,t,finetune,3.0,16.0",
        "m.x,t,partial-25,1.0,4.0",
        "m.x,t,partial-100,3.5,16.0",
    ]


def test_partial_fine_tuning_is_a_score(run_files):
    """The best over learning rates of every repeat, whatever comes of the run."""
    rows = collected("collect_scores.py", run_files, "scores", "missing")
    assert [row for row in rows if "partial" in row] == [
        "m.x,t,partial-25,0,0.5",
        "m.x,t,partial-25,1,0.75",
    ]
    assert len(rows) == 1 + 1 + 2 + 2
