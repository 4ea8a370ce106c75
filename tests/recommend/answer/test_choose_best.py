"""The program that chooses: what it hands over is what was said of test, whenever it is killed."""

import json
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from needle.base.csv_files import write_rows
from needle.base.tensors import read_card, write_tensors
from needle.models.backbones import build
from needle.models.checkpoints import save_checkpoint
from needle.models.views import view_of
from needle.recommend.answer.candidates import KINDS
from needle.recommend.answer.predictions import predict
from needle.recommend.answer.temperature import calibrated
from needle.tasks.task_file import Task, write_task

PROGRAM = Path(__file__).parents[3] / "workflow/scripts/choose_best.py"
CLASSES = ["left", "right"]
CARD = {
    "name": "resnet10t.a",
    "architecture": "resnet10t",
    "architecture_args": {"channels": [8, 8, 8, 16], "stem_width": 8},
    "mean": [0.5, 0.4, 0.3],
    "std": [0.25, 0.2, 0.1],
    "license": "MIT",
    "upstream_dataset": "mix",
}
TABLES = ("candidates", "predictions", "measures", "reliability")
RUN = {"repeat": 0, "learning_rate": 0.1, "val_accuracy": 0.5, "diverged": False, "seconds": 4}


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def head_of(feature, sharpness, width=16):
    """A head that goes by one feature."""
    weight = np.zeros((2, width), np.float32)
    weight[:, feature] = -sharpness, sharpness
    return weight


class Job:
    """The inputs of the program: one pick, its soup, and two frozen models."""

    def __init__(self, folder):
        self.folder = folder
        generator = np.random.default_rng(0)
        images, labels = generator.integers(0, 256, (60, 3, 32, 32), np.uint8), np.arange(60) % 2
        splits = {"train": (images[:20], labels[:20]), "val": (images[:40], labels[:40]),
                  "test": (images[20:], labels[20:])}  # fmt: skip
        write_task(folder / "task.safetensors", splits,
                   {"name": "data", "label": "Sides", "classes": CLASSES}, 32)  # fmt: skip
        self.task = Task(folder / "task.safetensors")
        rows = [
            {"split": split, "path": f"{split}/{number}.png", "label": CLASSES[label]}
            for split, (_, labels) in splits.items()
            for number, label in enumerate(labels)
        ]
        write_rows(folder / "examples.csv", rows)
        self.heads, self.checkpoints = [], []
        speed = {"milliseconds": 5.0, "pictures_per_second": 200.0, "inference_mb": 300.0}
        names = ("resnet10t.a", "resnet10t.b")
        ranking = [
            {"model": name, "rank": rank, "picked": rank == 1, **speed}
            for rank, name in enumerate(names, start=1)
        ]
        write_rows(folder / "ranking.csv", ranking)
        for seed, name in enumerate(names):
            torch.manual_seed(seed)
            checkpoint = folder / f"{name}.safetensors"
            save_checkpoint(checkpoint, build(CARD), CARD | {"name": name})
            self.checkpoints.append(checkpoint)
            self.heads.append(folder / f"{name}.head.safetensors")
        self.model = build(CARD, 2)

    def frozen(self, place, right):
        """Write a head that was right on so many of val."""
        labels = self.task.labels("val")
        wrong = np.arange(len(labels)) >= right
        said = np.where((labels ^ wrong)[:, None] == [0, 1], 0.8, 0.2)
        tensors = {"weight": head_of(place, 3.0), "bias": np.zeros(2, np.float32),
                   "probabilities": said}  # fmt: skip
        card = {"model": f"resnet10t.{'ab'[place]}", "seconds": 1.5}
        write_tensors(self.heads[place], tensors, card)

    def tuned(self, ending="", soup=(), diverged=False):
        """Write a fine-tuned model, or a soup, of random weights."""
        folder = self.folder / "finetune"
        folder.mkdir(exist_ok=True)
        torch.manual_seed(len(soup))
        for parameter in self.model.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        card = CARD | {"classes": CLASSES, "params": 1, "embedding_dim": 16,
                       "preprocessing": view_of(self.task, CARD).preprocessing()}  # fmt: skip
        card |= {"soup": list(soup), "seconds": 0.5} if ending else {"inputs": "abc"}
        card |= {"diverged": True} if diverged else {}
        state = {} if diverged or (ending and len(soup) < 2) else self.model.state_dict()
        file = folder / f"resnet10t.a{ending}.safetensors"
        save_file({k: v.contiguous() for k, v in state.items()}, file, {"card": json.dumps(card)})
        write_rows(folder / "resnet10t.a.csv", [RUN | {"diverged": diverged}])
        return predict(self.model, card, self.task, "test", 64)

    def arguments(self, out):
        flags = {
            "ranking": self.folder / "ranking.csv", "finetune-folder": self.folder / "finetune",
            "runs": 1, "task": self.task.path, "examples": self.folder / "examples.csv",
            "metric": "accuracy", "level": 0.9, "seed": 1, "memory": 2000, "best": out / "best",
            "probabilities": out / "probabilities.safetensors",
            **{name: out / f"{name}.csv" for name in TABLES},
        }  # fmt: skip
        words = [part for name, value in flags.items() for part in (f"--{name}", str(value))]
        return [*words, "--heads", *map(str, self.heads), "--checkpoints",
                *map(str, self.checkpoints)]  # fmt: skip


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path)


@pytest.fixture
def choose(job, tmp_path, monkeypatch):
    def choose(out="out"):
        monkeypatch.setattr(sys, "argv", [str(PROGRAM), *job.arguments(tmp_path / out)])
        runpy.run_path(str(PROGRAM), run_name="__main__")
        tables = {name: pd.read_csv(tmp_path / out / f"{name}.csv") for name in TABLES}
        return tables, load_file(tmp_path / out / "probabilities.safetensors")

    return choose


def test_a_frozen_answer_is_measured_calibrated_and_exported(job, choose, tmp_path):
    job.frozen(0, 30)
    job.frozen(1, 40)
    job.tuned()
    job.tuned(".soup", soup=[RUN])
    tables, said = choose()
    table = tables["candidates"]
    assert table["candidate"].tolist() == [
        "frozen:resnet10t.a", "frozen:resnet10t.b", "fine-tuned:resnet10t.a"]  # fmt: skip
    assert table.loc[table["chosen"], "candidate"].tolist() == ["frozen:resnet10t.b"]
    assert table["val_accuracy"].tolist()[:2] == [0.75, 1.0]
    assert table["seconds"].tolist() == [1.5, 1.5, 4]
    assert table["milliseconds"].tolist() == [5.0] * 3
    # Right on all of 40: (40 + 1/2) / (40 + 1) by the rule of succession.
    assert said["val.frozen:resnet10t.b"].max(axis=1) == pytest.approx(40.5 / 41, abs=1e-4)
    assert sum(name.startswith("test.") for name in said) == 1
    on_test = said["test.frozen:resnet10t.b"]
    predictions = tables["predictions"]
    assert predictions["path"].tolist() == [f"test/{number}.png" for number in range(40)]
    assert predictions["confidence"].to_numpy() == pytest.approx(on_test.max(axis=1))
    right = (on_test.argmax(axis=1) == job.task.labels("test")).mean()
    assert (predictions["label"] == predictions["predicted"]).mean() == right
    measures = tables["measures"]
    assert measures.groupby(["split", "candidate"]).size().to_dict() == dict.fromkeys(
        [*(("val", name) for name in table["candidate"]), ("test", "frozen:resnet10t.b")], 6
    )
    on_test = measures[measures["split"] == "test"].set_index("measure")["value"]
    assert on_test["accuracy"] == right
    bins = tables["reliability"]
    after = bins[bins["calibrated"]]
    distance = (after["images"] * (after["accuracy"] - after["confidence"]).abs()).sum() / 40
    assert distance == pytest.approx(on_test["calibration_error"])
    assert (tmp_path / "out/best/README.md").exists()


def test_test_is_looked_at_by_the_chosen_only(job, choose, monkeypatch):
    job.frozen(0, 40)
    job.frozen(1, 20)
    job.tuned()
    job.tuned(".soup", soup=[RUN, RUN])
    asked = []

    def counting(self, name, count):
        asked.append(name)
        return chunks(self, name, count)

    chunks = Task.chunks
    monkeypatch.setattr(Task, "chunks", counting)
    tables, _ = choose()
    assert tables["candidates"]["kind"].unique().tolist() == list(KINDS[:3])
    assert sorted(asked) == ["test", "val", "val"]


def test_a_fine_tuned_answer_says_what_its_model_says_at_its_temperature(job, choose):
    job.frozen(0, 0)
    job.frozen(1, 0)
    before = job.tuned()
    job.tuned(".soup", soup=[RUN])
    tables, said = choose()
    (row,) = tables["candidates"].query("chosen").to_dict("records")
    assert row["candidate"] == "fine-tuned:resnet10t.a"
    assert (row["learning_rate"], row["repeat"]) == (0.1, 0)
    expected = calibrated(before, row["temperature"])
    np.testing.assert_allclose(said["test.fine-tuned:resnet10t.a"], expected, atol=1e-9)


def test_where_every_run_diverged_a_frozen_model_is_the_answer(job, choose):
    job.frozen(0, 25)
    job.frozen(1, 30)
    job.tuned(diverged=True)
    job.tuned(".soup", diverged=True)
    tables, said = choose()
    table = tables["candidates"]
    assert table["diverged"].tolist() == [False, False, True]
    assert table.loc[table["chosen"], "candidate"].tolist() == ["frozen:resnet10t.b"]
    assert "val.fine-tuned:resnet10t.a" not in said


# The program, killed as by kill -9 when it is about to write a file.
KILLED = """
import os, runpy, signal, sys
at = int(sys.argv[1])
import pathlib
count, replace = [], pathlib.Path.replace

def killing(self, target):
    count.append(target)
    if len(count) == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)

pathlib.Path.replace = killing
del sys.argv[:2]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def files_in(folder):
    """The files of a folder but hidden ones."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return {file for file in files if not any(part.startswith(".") for part in file.parts)}


@pytest.mark.parametrize("stage", [1, 3, 6])
def test_killed_at_any_file_it_gives_the_same_answer_again(job, choose, tmp_path, stage):
    job.frozen(0, 30)
    job.frozen(1, 40)
    job.tuned()
    job.tuned(".soup", soup=[RUN, RUN])
    choose("whole")
    command = [sys.executable, "-c", KILLED, str(stage), str(PROGRAM)]
    environment = os.environ | {"PYTHONPATH": str(PROGRAM.parent)}
    killed = subprocess.run([*command, *job.arguments(tmp_path / "out")], env=environment)
    assert killed.returncode == -signal.SIGKILL
    choose()
    whole, again = tmp_path / "whole", tmp_path / "out"
    files = files_in(whole)
    assert files_in(again) == files
    for file in files:
        if file.name != "README.md":  # it names its folder
            assert (again / file).read_bytes() == (whole / file).read_bytes()
    assert read_card(again / "probabilities.safetensors")["chosen"].startswith("frozen")
