"""File formats: atomic writes, broken files, labels and features that cannot be right."""

import os

import numpy as np
import pytest

from needle.base.csv_files import write_rows
from needle.base.errors import NeedleError
from needle.base.files import atomic
from needle.base.tensors import map_tensor, read_card, write_tensors
from needle.embedding.embedding_file import Embeddings, read_embeddings, write_embeddings
from needle.tasks.task_file import Task, write_task

CARD = {"name": "t", "classes": ["x", "y"]}


def splits(bad_label=None):
    data = {
        split: (np.zeros((3, 3, 4, 4), np.uint8), np.array([0, 1, 0]))
        for split in ("train", "val", "test")
    }
    if bad_label is not None:
        data["val"][1][1] = bad_label
    return data


def embeddings(**changes):
    parts = {
        "train_features": np.ones((4, 2), np.float32),
        "train_labels": np.array([0, 1, 0, 1]),
        "val_features": np.ones((2, 2), np.float32),
        "val_labels": np.array([0, 1]),
        "classes": 2,
    }
    return Embeddings(**parts | changes)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")

    def fail():
        with atomic(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["table.csv"]


def test_missing_values_are_empty_and_numbers_are_not_rounded(tmp_path):
    path = tmp_path / "rows.csv"
    write_rows(path, [{"a": None, "b": float("nan"), "c": 1 / 3, "d": 0}])
    assert path.read_text() == f"a,b,c,d\n,,{1 / 3!r},0\n"


def test_task_file_returns_what_was_written(tmp_path):
    path = tmp_path / "t.safetensors"
    write_task(path, splits(), CARD)
    task = Task(path)
    assert task.card == CARD | {"sha256": task.card["sha256"]}
    assert task.classes == 2
    images, labels = task.split("val")
    assert images.shape == (3, 3, 4, 4)
    assert labels.tolist() == [0, 1, 0]


def test_a_mapped_tensor_is_what_was_written_and_the_file_stays_so(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 4), dtype=np.uint8)
    tensors = {"labels": np.arange(7), "images": images, "none": np.zeros((0, 3), np.uint8)}
    write_tensors(tmp_path / "file", tensors, {})
    assert map_tensor(tmp_path / "file", "none").shape == (0, 3)
    mapped = map_tensor(tmp_path / "file", "images")
    np.testing.assert_array_equal(mapped[1:3], images[1:3])
    mapped[0] = 0
    np.testing.assert_array_equal(map_tensor(tmp_path / "file", "images"), images)


@pytest.mark.parametrize("label", [2, -1])
def test_a_class_index_outside_the_classes_is_refused(tmp_path, label):
    path = tmp_path / "t.safetensors"
    message = rf"t\.safetensors: val example 1 has class index {label}, but the task has 2 classes"
    with pytest.raises(NeedleError, match=message):
        write_task(path, splits(bad_label=label), CARD)
    # A file that came from elsewhere is checked when it is read.
    write_tensors(
        path, {"val_images": splits()["val"][0], "val_labels": np.array([0, label])}, CARD
    )
    with pytest.raises(NeedleError, match=message):
        Task(path).split("val")


@pytest.mark.parametrize(
    "damage", [lambda data: b"", lambda data: data[:-5], lambda data: data[9:]]
)
def test_a_corrupt_file_is_named(tmp_path, damage):
    path = tmp_path / "t.safetensors"
    write_task(path, splits(), CARD)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(NeedleError, match=r"t\.safetensors: not a readable safetensors file .*del"):
        read_card(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_broken_features_are_refused(tmp_path, value):
    path = tmp_path / "e.safetensors"
    broken = np.ones((2, 2), np.float32)
    broken[1, 0] = value
    with pytest.raises(NeedleError, match=r"features in 1 of 2 val examples, first in example 1"):
        write_embeddings(path, embeddings(val_features=broken), {})
    assert not path.exists()
    write_embeddings(path, embeddings(), {})
    assert read_embeddings(path).val_features.tolist() == [[1, 1], [1, 1]]
