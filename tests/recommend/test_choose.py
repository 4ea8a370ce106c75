"""The best of the picks is chosen on val, and its predictions are of the right files."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from needle.base.errors import NeedleError
from needle.recommend.choose import example_groups, named, pick_results, predict, with_paths
from needle.tasks.task_file import Task, write_task

NAN = math.nan
CARD = {"name": "m", "mean": [0, 0, 0], "std": [1, 1, 1]}
CLASSES = ["red", "grün", "NA"]


def fine_tuned(accuracies, seconds=1.0):
    """Runs with two learning rates for each repeat; NaN diverged."""
    return pd.DataFrame(
        {
            "repeat": [number // 2 for number in range(len(accuracies))],
            "learning_rate": [0.1, 0.01] * (len(accuracies) // 2),
            "val_accuracy": accuracies,
            "diverged": np.isnan(accuracies),
            "seconds": seconds,
        }
    )


LABELS = np.zeros(10, int)


def right_on(count):
    """Probabilities of a model that is right on the first examples, all of class 0."""
    return np.eye(2)[[0] * count + [1] * (10 - count)]


def test_each_pick_counts_by_its_best_run():
    runs = {
        "late": fine_tuned([0.5, 0.9, 0.8, 0.9], seconds=2.5),
        "gone": fine_tuned([NAN, NAN]),
        "first": fine_tuned([NAN, 0.8]),
    }
    said = {"late": right_on(9), "first": right_on(8)}
    ranks = {"first": 1.0, "late": 2.0, "gone": 3.0}
    table = pick_results(runs, ranks, LABELS, said, "accuracy", 0.95, 1)
    assert table.columns.tolist() == [
        "rank", "model", "learning_rate", "repeat", "val_accuracy", "low", "high", "images",
        "p_value", "diverged", "seconds", "chosen"]  # fmt: skip
    assert table[["rank", "model", "diverged", "seconds", "chosen"]].to_numpy().tolist() == [
        [1, "first", False, 2.0, False], [2, "late", False, 10.0, True],
        [3, "gone", True, 2.0, False]]  # fmt: skip
    assert table[["learning_rate", "repeat", "val_accuracy"]].to_numpy(float).tolist()[:2] == [
        [0.01, 0, 0.8], [0.01, 0, 0.9]]  # fmt: skip
    # Wilson's interval by hand: z = 1.96, n = 10, 9 right.
    z = 1.959964
    middle, half = (0.9 + z**2 / 20) / (1 + z**2 / 10), math.sqrt(0.009 + z**2 / 400) * z
    half /= 1 + z**2 / 10
    assert table.loc[1, ["low", "high"]].tolist() == pytest.approx(
        [middle - half, middle + half], abs=1e-6)  # fmt: skip
    assert table["p_value"].tolist()[0] == 1.0  # one picture differs
    assert table.loc[1:, "p_value"].isna().all()
    assert table.loc[2, ["learning_rate", "repeat", "val_accuracy", "low", "high"]].isna().all()


def test_the_better_rank_decides_between_picks_that_are_level():
    level = {model: fine_tuned([0.7, 0.6]) for model in ("a", "b", "c")}
    said = dict.fromkeys(level, right_on(7))
    for ranks in ({"a": 3, "b": 1, "c": 2}, {"a": 2, "b": 3, "c": 1}):
        table = pick_results(level, ranks, LABELS, said, "accuracy", 0.9, 1)
        assert table["chosen"].tolist() == [True, False, False]
        assert ranks[table.loc[0, "model"]] == 1


def test_another_metric_chooses_run_and_model():
    """Always saying the large class is right on 8 of 10, and balanced on half."""
    labels = np.array([0] * 8 + [1, 1])
    said = {"lazy": np.eye(2)[[0] * 10], "keen": np.eye(2)[[0] * 4 + [1] * 6]}
    others = {"val_balanced_accuracy": [0.5, 0.6], "val_log_loss": [3.0, 2.0]}
    runs = {model: fine_tuned([0.8, 0.7]).assign(**others) for model in said}
    ranks = {"lazy": 1, "keen": 2}
    for metric, chosen, rate in (("accuracy", "lazy", 0.1), ("balanced_accuracy", "keen", 0.01),
                                 ("log_loss", "lazy", 0.01)):  # fmt: skip
        table = pick_results(runs, ranks, labels, said, metric, 0.9, 1).set_index("model")
        assert table.index[table["chosen"]].tolist() == [chosen]
        assert set(table["learning_rate"]) == {rate}
    assert pick_results(runs, ranks, labels, said, "balanced_accuracy", 0.9, 1)[
        "val_balanced_accuracy"
    ].tolist() == [0.5, 0.75]


def test_nothing_to_choose_from_says_what_to_do():
    runs = {"a": fine_tuned([NAN, NAN]), "b": fine_tuned([NAN, NAN])}
    with pytest.raises(NeedleError, match=r"of a, b diverged; lower finetune: learning_rates"):
        pick_results(runs, {"a": 1, "b": 2}, LABELS, {}, "accuracy", 0.95, 1)


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
