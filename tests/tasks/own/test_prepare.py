"""From files to splits: their sizes, and classes that a split lacks."""

import numpy as np

from made import break_, copy, fill, keys, listed, paint, refusal
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import DEFAULTS, prepare
from needle.tasks.own.problems import Problem
from needle.tasks.task_file import SPLITS


def test_examples_are_the_pictures(tmp_path):
    paint(tmp_path, {"ant": 30, "bee": 10, "cat": 20})
    data = prepare(tmp_path, 1, Square(4), threads=2)
    assert data.classes == ["ant", "bee", "cat"]
    assert [len(data.splits[split]) for split in SPLITS] == [38, 10, 12]
    assert data.problems == []
    for examples in data.splits.values():
        order = list(zip(examples.labels.tolist(), examples.keys, strict=True))
        assert order == sorted(order)
        assert examples.labels.dtype == np.int64
        for i, key in enumerate(examples.keys):
            assert data.classes[examples.labels[i]] == key.split("/")[0]
            pixels = examples.image(i)
            assert (pixels.shape, pixels.dtype) == ((4, 4, 3), np.uint8)
            assert (pixels == [examples.labels[i], int(key[-7:-4]), 0]).all()
    assert len(set(keys(data))) == 60
    assert data.rows == [
        {"split": split, "path": key, "label": key.split("/")[0]}
        for split in SPLITS
        for key in data.splits[split].keys
    ]


def test_limits_without_room_for_the_classes(tmp_path):
    fill(tmp_path / "one", dict.fromkeys("abc", 5))
    assert refusal(tmp_path / "one", max=5) == [
        "examples.max is 5, set it to 6 or more: room for an example of each class, 3 in train and "
        "3 in val"
    ]
    fill(tmp_path / "two/train", {"a": 2, "b": 1})
    fill(tmp_path / "two/test", {"a": 4, "b": 4})
    assert refusal(tmp_path / "two") == [
        "train has 3 pictures and there is no val; to cut one it takes 4 or more, or add a val"
    ]


# Classes that a split lacks


NOT_IN_VAL = Problem(
    "", "class c has no pictures in val, so the choice of a model knows nothing of it", "noted"
)
NOT_IN_TEST = Problem(
    "", "class c has no pictures in test, so the test accuracy knows nothing of it", "noted"
)


def by_split(data):
    return {split: np.bincount(data.splits[split].labels, minlength=3).tolist() for split in SPLITS}


def paint_splits(root, train, val, test):
    """Splits as users have them: counts of classes a, b and c in each."""
    for start, (split, counts) in enumerate({"train": train, "val": val, "test": test}.items()):
        paint(root / split, dict(zip("abc", counts, strict=True)), start=50 * start)


def test_a_class_that_val_and_test_lack_is_noted(tmp_path):
    paint_splits(tmp_path, (6, 6, 5), (2, 2, 0), (3, 1, 0))
    data = prepare(tmp_path, 1, Square(2))
    assert data.classes == ["a", "b", "c"]
    assert by_split(data) == {"train": [6, 6, 5], "val": [2, 2, 0], "test": [3, 1, 0]}
    assert data.problems == [NOT_IN_VAL, NOT_IN_TEST]


def test_a_list_with_a_class_that_test_lacks(tmp_path):
    paint_splits(tmp_path, (6, 6, 5), (2, 2, 2), (3, 1, 0))
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.png"))
    lines = [f"{path},{path.parts[1]},{path.parts[0]}" for path in files]
    data = prepare(listed(tmp_path, ["path,label,split", *lines]), 1, Square(2))
    assert by_split(data) == {"train": [6, 6, 5], "val": [2, 2, 2], "test": [3, 1, 0]}
    assert data.problems == [NOT_IN_TEST]


def test_a_class_whose_last_val_pictures_are_copies_or_broken_is_noted(tmp_path):
    paint_splits(tmp_path, (40, 40, 10), (9, 9, 2), (9, 9, 1))
    copy(tmp_path, "train/c/000.png", "val/c/050.png")
    break_(tmp_path, "val/c/051.png", "test/c/100.png")
    data = prepare(tmp_path, 1, Square(2))
    assert by_split(data) == {"train": [40, 40, 10], "val": [9, 9, 0], "test": [9, 9, 0]}
    assert data.problems[:2] == [NOT_IN_VAL, NOT_IN_TEST]
    assert [(p.path, p.action) for p in data.problems[2:]] == [
        ("val/c/050.png", "removed"),
        ("test/c/100.png", "skipped"),
        ("val/c/051.png", "skipped"),
    ]


def test_a_class_of_train_that_is_lost_or_a_val_of_broken_pictures_is_refused(tmp_path):
    paint_splits(tmp_path / "train", (40, 40, 1), (9, 9, 4), (9, 9, 4))
    break_(tmp_path / "train", "train/c/000.png")
    assert refusal(tmp_path / "train") == [
        "class c has no pictures that can be read in train, only in val and test; put some into "
        "train, or take the class out"
    ]
    paint_splits(tmp_path / "val", (40, 40, 9), (1, 0, 0), (9, 9, 4))
    break_(tmp_path / "val", "val/a/050.png")
    assert refusal(tmp_path / "val") == ["it has no pictures that can be read in val; add some"]


def test_a_class_too_small_for_a_val_that_is_cut_is_noted(tmp_path):
    for start, (split, number) in enumerate({"train": 1, "test": 4}.items()):
        paint(tmp_path / split, {"a": 10, "b": 10, "c": number}, start=50 * start)
    data = prepare(tmp_path, 1, Square(2))
    assert by_split(data) == {"train": [8, 8, 1], "val": [2, 2, 0], "test": [10, 10, 4]}
    assert data.problems == [NOT_IN_VAL]


def test_limits_hold_where_a_split_lacks_a_class(tmp_path):
    paint_splits(tmp_path, (40, 20, 20), (20, 20, 0), (20, 0, 20))
    data = prepare(tmp_path, 1, Square(2), DEFAULTS | {"max": 20, "max_test": 10})
    assert by_split(data) == {"train": [8, 4, 4], "val": [2, 2, 0], "test": [5, 0, 5]}
    # The least that there may be: an example of each class.
    data = prepare(tmp_path, 1, Square(2), DEFAULTS | {"max": 5, "max_test": 2})
    assert by_split(data) == {"train": [1, 1, 1], "val": [1, 1, 0], "test": [1, 0, 1]}
    assert refusal(tmp_path, max=4) == [
        "examples.max is 4, set it to 5 or more: room for an example of each class, 3 in train and "
        "2 in val"
    ]
