"""Predictions are named, in order, and of the right files."""

import math

import numpy as np
import pytest
import torch

from needle.base.errors import NeedleError
from needle.recommend.answer.predictions import example_groups, named, predict, with_paths
from needle.tasks.task_file import Task, write_task

CARD = {"name": "m", "mean": [0, 0, 0], "std": [1, 1, 1]}
CLASSES = ["red", "grün", "NA"]


class Means(torch.nn.Module):
    """Logits are the means of the channels, times a factor."""

    def __init__(self, factor=1.0):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor(factor))

    def forward(self, images):
        return images.mean(dim=(2, 3)) * self.factor


@pytest.fixture
def task(tmp_path):
    """Pictures of one colour; the third is of another class than its colour says."""
    labels = np.array([0, 1, 0, 2, 2])
    images = np.zeros((5, 3, 4, 4), np.uint8)
    images[range(5), [0, 1, 1, 2, 2]] = 255
    splits = dict.fromkeys(("train", "val", "test"), (images, labels))
    path = tmp_path / "task.safetensors"
    write_task(path, splits, {"name": "data", "classes": CLASSES}, 4)
    return Task(path)


@pytest.mark.parametrize("batch_size", [2, 1024])
def test_predictions_are_named_and_in_order(task, batch_size):
    probabilities = predict(Means(), CARD, task, "test", batch_size)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(5))
    table = named(probabilities, task.labels("test"), CLASSES)
    assert table["label"].tolist() == ["red", "grün", "red", "NA", "NA"]
    assert table["predicted"].tolist() == ["red", "grün", "grün", "NA", "NA"]
    assert table["confidence"].tolist() == pytest.approx([math.e / (math.e + 2)] * 5)


def test_logits_that_are_not_finite_are_no_prediction(task):
    with pytest.raises(NeedleError, match="model m: NaN or infinite logits on test images"):
        predict(Means(math.inf), CARD, task, "test", batch_size=3)


def test_predictions_get_the_paths_of_their_examples(task, tmp_path):
    rows = ["val,train,NA", "test,0012,red", "test,007,grün", "test,NA,red", 'test,"a,b.png",NA',
            "test,,NA"]  # fmt: skip
    (tmp_path / "e.csv").write_text("\n".join(["split,path,label", *rows]) + "\n")
    probabilities = predict(Means(), CARD, task, "test", batch_size=3)
    predictions = named(probabilities, task.labels("test"), CLASSES)
    table = with_paths(predictions, tmp_path / "e.csv")
    assert table.columns.tolist() == ["path", "label", "predicted", "confidence"]
    assert table["path"].tolist() == ["0012", "007", "NA", "a,b.png", ""]
    assert table["predicted"].tolist() == predictions["predicted"].tolist()
    for wrong in (rows[:-1], [*rows[:2], rows[2].replace("grün", "red"), *rows[3:]]):
        (tmp_path / "e.csv").write_text("\n".join(["split,path,label", *wrong]) + "\n")
        with pytest.raises(NeedleError, match=r"e\.csv: its test examples are not those of the"):
            with_paths(predictions, tmp_path / "e.csv")


def test_groups_of_examples_are_numbered_by_split(tmp_path):
    rows = ["train,a,x,p1", "val,b,x,p2", "val,c,y,", "val,d,y,p2", "val,e,y,", "test,f,x,NA"]
    (tmp_path / "e.csv").write_text("\n".join(["split,path,label,group", *rows]) + "\n")
    groups = example_groups(tmp_path / "e.csv")
    assert {split: numbers.tolist() for split, numbers in groups.items()} == {
        "val": [0, 1, 0, 2], "test": [0]}  # fmt: skip
    # Over folds: the first of val is p2's, the third too.
    for judged, numbers in (([0, 2, 3, 4], [0, 1, 2, 3]), ([0, 1, 3], [0, 1, 1])):
        groups = example_groups(tmp_path / "e.csv", np.array(judged))
        assert groups["val"].tolist() == numbers
        assert groups["test"].tolist() == [0]
    (tmp_path / "e.csv").write_text("split,path,label\nval,b,x\n")
    assert example_groups(tmp_path / "e.csv") == {}
