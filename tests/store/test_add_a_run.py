"""A finished run becomes an entry, grows it, or is refused."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml

from needle.base.csv_files import write_rows, write_table
from needle.base.tensors import write_tensors
from needle.scores.columns import MODEL_COLUMNS
from needle.store.reading import read_store
from needle.tasks.task_file import write_task
from workflow import ROOT

PROTOCOL = {"steps": 4, "repeats": 2, "learning_rates": [0.1, 0.01]}
ZOO = {
    "zoo": "z",
    "models": [
        {"name": "a", "family": "convnet", "pretrain": {"domains": ["x"]}},
        {"name": "org/b", "family": "mlp", "weights": {"timm": "b.in1k", "rename": [["^a", "b"]]}},
    ],
}


def write_run(folder, tasks=("t", "u"), seen=""):
    """Write what a benchmark of two models leaves behind: one of them has no LEEP score."""
    results = folder / "results/made"
    scores = []
    for name in ("a", "org/b"):
        weights = {"w": np.full(3, len(name), np.float32)}
        (folder / f"ckpt/{name}.safetensors").parent.mkdir(parents=True, exist_ok=True)
        write_tensors(folder / f"ckpt/{name}.safetensors", weights, {"name": name})
        for number, task in enumerate(tasks):
            write_pair(results, name, task, number)
            scores += pair_scores(name, task, number)
    for task in tasks:
        images = {split: (np.zeros((n, 3, 8, 8), np.uint8), np.arange(n) % 2)
                  for n, split in ((4, "train"), (2, "val"), (3, "test"))}  # fmt: skip
        card = {"name": task, "label": task, "group": "", "source": "s", "classes": ["x", "y"]}
        write_task(folder / f"task/{task}.safetensors", images, card, size=8)
    write_rows(results / "scores.csv", scores)
    about = {"family": "convnet", "params": 3, "tags": "p;q", "contaminated_tasks": seen}
    rows = [dict.fromkeys(MODEL_COLUMNS) | {"model": name} | about for name in ("a", "org/b")]
    write_rows(results / "models.csv", rows)
    write_rows(
        results / "tasks.csv", [{"task": t, "label": t.upper(), "group": "g"} for t in tasks]
    )
    about = {
        "config": {"run": "made", "license": "CC0-1.0", "proxies": {"knn": {}, "leep": {}}},
        "protocols": {"own": PROTOCOL, "modern": {"steps": 9}},
        "zoo": ZOO,
        "checkpoints": {name: f"ckpt/{name}.safetensors" for name in ("a", "org/b")},
        "tasks": {task: f"task/{task}.safetensors" for task in tasks},
    }
    (results / "config.yaml").write_text(yaml.safe_dump(about))
    return results


def pair_scores(model, task, number):
    of = {"model": model, "task": task}
    values = [("finetune", 0, 0.5 + number / 10), ("finetune", 1, 0.25), ("partial-50", 0, 0.4),
              ("partial-50", 1, 0.3), ("finetune-modern", 0, 0.75), ("knn", 0, 0.1 + 0.2),
              ("leep", 0, -1.5 if model == "a" else None)]  # fmt: skip
    return [of | {"score": score, "repeat": n, "value": value} for score, n, value in values]


def write_pair(results, model, task, number):
    """The files of the jobs: seconds of a repeat are those of both of its learning rates."""
    tuned = [
        {"repeat": repeat, "learning_rate": rate, "val_accuracy": 0.5, "test_accuracy": 0.5,
         "diverged": False, "steps": 4, "seconds": 1.0 + repeat, "val_accuracy_50": 0.4,
         "steps_50": 2, "seconds_50": 0.5, "seconds_100": 1.5, "device": "a processor"}
        for repeat in (0, 1) for rate in (0.1, 0.01)
    ]  # fmt: skip
    write_rows(results / f"finetune/{task}/{model}.csv", tuned)
    write_rows(results / f"finetune-modern/{task}/{model}.csv", [tuned[0]])
    for proxy in ("knn", "leep"):
        once = {"repeat": 0, "learning_rate": None, "value": 0.5, "seconds": 0.125, "reason": None}
        write_rows(results / f"proxies/{proxy}/{task}/{model}.csv", [once])


def add(folder, *arguments):
    program = ROOT / "workflow/scripts/store.py"
    command = [sys.executable, program, "results/made", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_a_run_becomes_an_entry(tmp_path):
    write_run(tmp_path)
    result = add(tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[0] == (
        "store/made: 2 models, 2 tasks, 26 values, 26 of them new"
    )
    assert "t, a: 0.375" in result.stdout  # the median of 0.5 and 0.25
    (entry,) = read_store(tmp_path / "store")
    assert (entry.kind, entry.run["license"]) == ("own", "CC0-1.0")
    assert entry.run["accuracies"] == ["finetune", "knn", "partial-50"]
    assert entry.models["org/b"]["origin"] == {"weights": {"timm": "b.in1k"}}
    assert (entry.models["a"]["family"], entry.models["a"]["tags"]) == ("convnet", ["p", "q"])
    assert entry.models["a"]["sha256"] != entry.models["org/b"]["sha256"]
    assert entry.tasks["u"]["examples"] == {"train": 4, "val": 2, "test": 3}
    assert (entry.tasks["u"]["label"], entry.tasks["u"]["classes"]) == ("U", ["x", "y"])
    assert entry.protocols["own"]["keys"] == PROTOCOL
    own = (tmp_path / "store/made/results/t/a/own.csv").read_text()
    assert own == (
        "score,repeat,value,seconds,device\n"
        "finetune,0,0.5,2.0,a processor\n"
        "finetune,1,0.25,4.0,a processor\n"
        "partial-50,0,0.4,1.0,a processor\n"
        "partial-50,1,0.3,1.0,a processor\n"
        "knn,0,0.30000000000000004,0.125,\n"
        "leep,0,-1.5,0.125,\n"
    )
    assert (tmp_path / "store/made/results/t/org%2Fb/modern.csv").read_text() == (
        "score,repeat,value,seconds,device\nfinetune,0,0.75,1.0,a processor\n"
    )


def test_what_is_there_is_not_added_again(tmp_path):
    write_run(tmp_path)
    add(tmp_path)
    before = (tmp_path / "store/made").stat().st_ino
    result = add(tmp_path)
    assert result.stdout == "store/made: nothing to do, all of results/made is there\n"
    assert (tmp_path / "store/made").stat().st_ino == before


def test_a_run_that_has_grown_adds_what_is_new_beside_its_neighbours(tmp_path):
    write_run(tmp_path, tasks=("t",))
    add(tmp_path)
    add(tmp_path, "--as", "copy")
    write_run(tmp_path)
    result = add(tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[:2] == [
        "store/made: 2 models, 2 tasks, 26 values, 13 of them new",
        "  u, a: 0.425; the store had nothing like it on the task",
    ]
    result = add(tmp_path, "--as", "copy")
    assert result.stdout.splitlines()[:3] == [
        "store/copy: 2 models, 2 tasks, 26 values, 13 of them new",
        "  u, a: 0.425; on the task 2 from 0.425 to 0.425; made has 0.425 of it",
        "  u, a (modern): 0.750; on the task 2 from 0.750 to 0.750; made has 0.750 of it",
    ]


CONFLICTS = {
    "a value": (
        lambda folder: change_scores(folder, 0.5, 0.625),
        r"finetune (repeat 0) of a on t is 0.5, but 0.625 now, one of 2 values that differ",
    ),
    "weights": (
        lambda folder: write_tensors(
            folder / "ckpt/a.safetensors", {"w": np.zeros(3, np.float32)}, {}
        ),
        "the model a has other weights there than in the run",
    ),
    "a protocol": (
        lambda folder: change_config(
            folder, protocols={"own": PROTOCOL | {"steps": 5}, "modern": {"steps": 9}}
        ),
        "the protocol own has other keys there",
    ),
    "a proxy": (
        lambda folder: change_config(folder, config={"run": "made", "proxies": {"knn": {"k": 3}}}),
        "the proxy knn has other settings there",
    ),
}


def change_scores(folder, old, new):
    path = folder / "results/made/scores.csv"
    table = pd.read_csv(path)
    write_table(path, table.assign(value=table["value"].replace(old, new)))


def change_config(folder, **changes):
    path = folder / "results/made/config.yaml"
    path.write_text(json.dumps(yaml.safe_load(path.read_text()) | changes))


@pytest.mark.parametrize("what", CONFLICTS)
def test_a_conflict_is_refused_and_nothing_changes(tmp_path, what):
    change, said = CONFLICTS[what]
    write_run(tmp_path)
    add(tmp_path)
    before = read_store(tmp_path / "store")[0].rows
    change(tmp_path)
    result = add(tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: store/made: ")
    assert said in result.stderr
    assert "AS=name" in result.stderr
    pd.testing.assert_frame_equal(read_store(tmp_path / "store")[0].rows, before)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda folder: shutil.rmtree(folder / "ckpt"),
            "ckpt/a.safetensors: missing, the checkpoint",
        ),
        (
            lambda folder: shutil.rmtree(folder / "task"),
            "task/t.safetensors: missing, the task file",
        ),
        (
            lambda folder: (folder / "results/made/config.yaml").unlink(),
            "results/made: has no config.yaml; name the results of a benchmark",
        ),
        (lambda folder: change_scores(folder, 0.5, 1.5), "is 1.5; accuracies are fractions"),
        (lambda folder: write_run(folder, seen="t"), "a has seen t (contaminated_tasks)"),
    ],
)
def test_what_an_entry_must_not_be_is_refused(tmp_path, change, said):
    write_run(tmp_path)
    change(tmp_path)
    result = add(tmp_path)
    assert result.returncode == 1
    assert said in result.stderr
    assert not (tmp_path / "store").exists()


def test_an_entry_has_a_plain_name(tmp_path):
    result = add(tmp_path, "--as", "../other")
    assert "error: '../other' cannot be the name of an entry" in result.stderr
