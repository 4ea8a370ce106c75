"""Fine-tuning over folds: what judges whom, which rate is best on all, and killed jobs."""

import numpy as np
import pandas as pd
import pytest
import torch
from small_jobs import CARD, SHORT, UNCLIPPED, Halves

from needle.base.csv_files import write_rows
from needle.base.errors import NeedleError
from needle.base.run_tables import read_table
from needle.base.tensors import read_card
from needle.finetuning.best_weights import load_finetuned
from needle.finetuning.folds import FoldTask, choose_rate, own_run, read_judged
from needle.models.backbones import forward_all
from needle.recommend.answer.candidates import best_run
from needle.tasks.task_file import Task, write_task

FOLDS = np.arange(160) % 3  # of 120 train and 40 val images
FOLDS[7] = -1  # always in train


@pytest.fixture
def tune(start, tmp_path):
    """Start the program over folds; it returns the runs and the files of weights and of folds."""
    rows = [{"example": n, "repeat_1": fold, "repeat_2": 0} for n, fold in enumerate(FOLDS)]
    write_rows(tmp_path / "folds.csv", rows)

    def tune(name, protocol=SHORT, **others):
        weights, judged = tmp_path / f"{name}.safetensors", tmp_path / f"{name}.folds.safetensors"
        others |= {"weights": weights, "folds": tmp_path / "folds.csv", "judged": judged}
        return start(f"{name}.csv", protocol, **others), weights, judged

    return tune


def test_a_fold_has_each_example_once():
    task, val = Halves(), FOLDS == 1
    part = FoldTask(task, val)
    images, labels = (np.concatenate([task.splits[name][i] for name in ("train", "val")])
                      for i in (0, 1))  # fmt: skip
    for name, rows in (("train", ~val), ("val", val)):
        chunks = list(part.chunks(name, 7))
        assert np.array_equal(np.concatenate([chunk[0] for chunk in chunks]), images[rows])
        assert np.array_equal(np.concatenate([chunk[1] for chunk in chunks]), labels[rows])
        assert np.array_equal(part.labels(name), labels[rows])
    with pytest.raises(NeedleError, match=r"folds\.csv has 159 rows, but train and val have 160"):
        FoldTask(task, val[1:])


def test_pictures_with_their_own_sizes_are_split_too():
    class Pictures:
        card, classes, image_size, own_sizes = None, 2, None, True

        def labels(self, name):
            return {"train": np.array([0, 1, 0]), "val": np.array([1])}[name]

        def chunks(self, name, count):
            sides = {"train": [4, 5, 6], "val": [7]}[name]
            yield [np.zeros((side, 9, 3), np.uint8) for side in sides], self.labels(name)

    part = FoldTask(Pictures(), np.array([True, False, False, True]))
    for name, sides in (("train", [5, 6]), ("val", [4, 7])):
        images = [image for some, _ in part.chunks(name, 2) for image in some]
        assert [len(image) for image in images] == sides


def test_the_rate_is_the_best_on_all_and_not_on_a_fold():
    """Rate 0.1 is right on all of the first fold; 0.01 on more of all; 1.0 diverged once."""
    task = Halves()
    labels = np.concatenate([task.labels("train"), task.labels("val")])
    folds = [np.arange(160) < 40, np.arange(160) >= 60]  # 20 are always in train

    def said(val, right):
        """Sure of the first `right` examples, and wrong in the others."""
        truth = labels[val]
        return np.eye(2)[np.where(np.arange(len(truth)) < right, truth, 1 - truth)].tolist()

    rows = [
        {"repeat": fold, "learning_rate": rate, "diverged": right is None,
         "said": None if right is None else said(folds[fold - 1], right)}
        for fold, rights in ((1, (40, 10, 40)), (2, (50, 90, None)))
        for rate, right in zip((0.1, 0.01, 1.0), rights, strict=True)
    ]  # fmt: skip
    rate, judged, probabilities = choose_rate(rows, folds, task, "accuracy")
    assert rate == 0.01
    assert judged.tolist() == [*range(40), *range(60, 160)]
    assert (probabilities.argmax(axis=1) == labels[judged]).sum() == 100
    rate, judged, probabilities = choose_rate(rows[2::3], folds, task, "accuracy")
    assert (rate, probabilities.shape) == (None, (0, 2))


def test_each_example_is_judged_by_a_model_of_another_fold(tune, tmp_path):
    rows, weights, judged = tune("a")
    assert [(row["repeat"], row["learning_rate"]) for row in rows[:-1]] == [
        (str(fold), rate) for fold in (1, 2, 3) for rate in ("0.05", "0.01")
    ]
    assert [row["test_accuracy"] for row in rows] == [""] * 7
    task = Task(tmp_path / "t.safetensors")
    which, labels, probabilities = read_judged(judged, task)
    assert which.tolist() == [n for n in range(160) if n != 7]
    best = rows[-1]["learning_rate"]
    right = probabilities.argmax(axis=1) == labels
    for fold in range(3):
        (row,) = [row for row in rows[:-1]
                  if (row["repeat"], row["learning_rate"]) == (str(fold + 1), best)]  # fmt: skip
        assert right[FOLDS[which] == fold].mean() == pytest.approx(float(row["val_accuracy"]))
    # What is handed over is a run of its own, on the task's train and val.
    model, card = load_finetuned(weights)
    assert card["run"] == {"repeat": 0, "learning_rate": float(best),
                           "val_accuracy": float(rows[-1]["val_accuracy"])}  # fmt: skip
    images, labels = task.split("val")
    logits = forward_all(model, torch.from_numpy(np.array(images)), CARD, 256)
    assert (logits.argmax(dim=1).numpy() == labels).mean() == card["run"]["val_accuracy"]
    assert not list(tmp_path.glob("*.partial*"))


@pytest.mark.parametrize("killed", [1, 4, 6])
def test_a_killed_job_goes_on_to_the_same(tune, kill_in, tmp_path, killed):
    whole = tune("whole")
    kill_in(killed)
    with pytest.raises(KeyboardInterrupt):
        tune("killed")
    assert not (tmp_path / "killed.safetensors").exists()
    begun = kill_in(None)
    again = tune("killed")
    assert len(begun) == 7 - killed
    assert again[0] == whole[0]
    for one, other in zip(again[1:], whole[1:], strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_val_itself_may_lack_a_class(tune, tmp_path):
    splits = Halves().splits
    images, labels = splits["val"]
    splits["val"] = images, 0 * labels
    write_task(tmp_path / "t.safetensors", splits, {"name": "t", "classes": ["left", "right"]})
    rows, weights, _ = tune("a", metric="auroc")
    assert rows[-1]["val_auroc"] == ""
    assert read_card(weights)["run"]["learning_rate"] == float(rows[-1]["learning_rate"])
    runs = own_run(read_table(tmp_path / "a.csv"))
    assert best_run(runs, "val_auroc", "auroc") == {
        "learning_rate": float(rows[-1]["learning_rate"]), "repeat": 0}  # fmt: skip


def test_a_model_that_diverges_on_a_fold_at_every_rate_has_no_weights(tune):
    rows, weights, _ = tune("a", UNCLIPPED | {"steps": 8, "learning_rates": [1e30]})
    assert [row["repeat"] for row in rows] == ["1", "2", "3"]
    assert read_card(weights)["diverged"] is True


def test_the_seconds_of_a_pick_are_those_of_all_its_runs():
    runs = pd.DataFrame({"repeat": [1, 2, 0], "learning_rate": [0.1, 0.1, 0.1],
                         "diverged": False, "seconds": [1.0, 2.0, 4.0]})  # fmt: skip
    assert own_run(runs)[["repeat", "seconds", "diverged"]].values.tolist() == [[0, 7.0, False]]
    assert own_run(runs[:2])["diverged"].tolist() == [True]
