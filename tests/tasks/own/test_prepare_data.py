"""The program that prepares a user's data, and its files."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from made import copy, paint
from needle.tasks.own.prepare import DEFAULTS
from needle.tasks.task_file import SPLITS, Task

SCRIPTS = Path(__file__).parents[3] / "workflow/scripts"


def run(folder, data, keep=(), **limits):
    command = [
        sys.executable, SCRIPTS / "prepare_data.py", "--data", data, "--label", "My birds",
        "--image-size", "4", "--seed", "1", "--threads", "2",
        "--examples", json.dumps(DEFAULTS | limits), "--task", folder / "task.safetensors",
        "--examples-table", folder / "examples.csv", "--problems", folder / "problems.csv",
        "--classes", folder / "classes.csv",
        "--folds", folder / "folds.csv", "--keep", *keep,
    ]  # fmt: skip
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)


def test_the_program_writes_its_files(tmp_path):
    root = tmp_path / "birds"
    paint(root, {"a, b": 10, 'naïve "café"': 10}, size=(9, 7))
    copy(root, "a, b/000.png", "a, b/x.png")
    result = run(tmp_path / "out", root, keep=["letters", "counting"])
    assert result.returncode == 0, result.stderr
    assert result.stdout == (
        "My birds: 2 classes; examples: 13 train, 3 val, 4 test; problems: 1\n"
        "class a, b, found 11, train 6, val 2, test 2, removed 1, skipped 0\n"
        'class naïve "café", found 10, train 7, val 1, test 2, removed 0, skipped 0\n'
    )
    task = Task(tmp_path / "out/task.safetensors")
    about = {"name": "data", "label": "My birds", "group": "", "source": "mydata",
             "classes": ["a, b", 'naïve "café"'], "image_size": 4,
             "resize": "half_pixel", "keep": ["letters", "counting"]}  # fmt: skip
    assert {key: task.card[key] for key in about} == about
    assert len(task.card["sha256"]) == 64
    table = pd.read_csv(tmp_path / "out/examples.csv")
    assert table.columns.tolist() == ["split", "path", "label"]
    at = 0
    for split in SPLITS:
        images, labels = task.split(split)
        assert images.shape == (len(labels), 3, 4, 4)
        for image, label in zip(images, labels, strict=True):
            row = table.loc[at]
            assert (row["split"], row["label"]) == (split, task.card["classes"][label])
            number = int(row["path"][-7:-4])
            assert (image == np.array([label, number, 0])[:, None, None]).all()
            at += 1
    assert at == len(table) == 20
    assert (tmp_path / "out/classes.csv").read_text() == (
        'class,found,train,val,test,removed,skipped\n"a, b",11,6,2,2,1,0\n'
        '"naïve ""café""",10,7,1,2,0,0\n'
    )
    assert len(pd.read_csv(tmp_path / "out/folds.csv")) == 16
    assert (tmp_path / "out/problems.csv").read_text() == (
        'path,problem,action\n"a, b/x.png","same content as a, b/000.png",removed\n'
    )


def test_the_program_without_problems_and_with_unusable_data(tmp_path):
    paint(tmp_path / "good", {"a": 5, "b": 5})
    assert run(tmp_path / "out", tmp_path / "good").returncode == 0
    assert (tmp_path / "out/problems.csv").read_text() == "path,problem,action\n"
    assert Task(tmp_path / "out/task.safetensors").card["keep"] == []
    result = run(tmp_path / "none", tmp_path / "good/a")
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {tmp_path}/good/a: this data cannot be used:\n  - ")
    assert not list(tmp_path.glob("none/*"))
