"""From files to examples: copies, broken pictures, splits, and the files of a run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from made import (
    copy,
    fill,
    keys,
    listed,
    paint,
    refusal,
)
from needle.base.errors import NeedleError
from needle.tasks.own import decoding
from needle.tasks.own.listing import find_examples
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import DEFAULTS, prepare
from needle.tasks.own.problems import Problem
from needle.tasks.sources import read_task
from needle.tasks.task_file import SPLITS, Task

SCRIPTS = Path(__file__).parents[3] / "workflow/scripts"


def break_(root, *paths):
    for path in paths:
        (root / path).write_text(f"not a picture, but {path}")


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


# Decoding


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


def test_threads_change_nothing(tmp_path):
    paint(tmp_path, {"a": 20, "b": 20})
    break_(tmp_path, "a/003.png", "b/011.png")
    limits = DEFAULTS | {"max": 20, "max_unreadable": 0.5}
    one, many = (prepare(tmp_path, 1, Square(2), limits, threads=n) for n in (1, 7))
    assert one.rows == many.rows
    assert one.problems == many.problems
    for split in SPLITS:
        for i in range(len(one.splits[split])):
            assert (one.splits[split].image(i) == many.splits[split].image(i)).all()


def test_each_picture_is_decoded_once_and_no_more_than_needed(tmp_path, monkeypatch):
    paint(tmp_path, {"a": 100, "b": 100})
    opened = []
    decode = decoding.decode_picture

    def count(path, size):
        opened.append(path)
        return decode(path, size)

    monkeypatch.setattr(decoding, "decode_picture", count)
    data = prepare(tmp_path, 1, Square(2), DEFAULTS | {"max": 20, "max_test": 10})
    assert sorted(opened) == sorted(tmp_path / key for key in keys(data))
    assert len(opened) == 30
    assert data.problems == [
        Problem(
            "", "200 pictures: 16 for train, 4 for val and 10 for test were drawn", "subsampled"
        )
    ]


def test_an_unreadable_picture_is_replaced_by_the_next_of_its_class(tmp_path):
    paint(tmp_path, {"a": 100, "b": 100})
    limits = DEFAULTS | {"max": 20, "max_test": 10, "max_unreadable": 0.1}
    whole = prepare(tmp_path, 1, Square(2), limits)
    broken = [whole.splits["train"].keys[0], whole.splits["test"].keys[-1]]
    break_(tmp_path, *broken)
    data = prepare(tmp_path, 1, Square(2), limits)
    assert [np.bincount(data.splits[s].labels).tolist() for s in SPLITS] == [[8, 8], [2, 2], [5, 5]]
    assert len(set(keys(data)) - set(keys(whole))) == 2
    assert set(keys(whole)) - set(keys(data)) == set(broken)
    assert [(p.path, p.action) for p in data.problems[:-1]] == [
        (path, "skipped") for path in sorted(broken)
    ]
    assert data.problems[-1].problem.startswith("200 pictures: 16 for train")


def test_replacements_come_from_the_same_split(tmp_path):
    for start, split in enumerate(("train", "test")):
        paint(tmp_path / split, {"a": 20, "b": 20}, start=100 * start)
    limits = DEFAULTS | {"max": 10, "max_test": 4}
    whole = prepare(tmp_path, 1, Square(2), limits)
    break_(tmp_path, whole.splits["test"].keys[0])
    data = prepare(tmp_path, 1, Square(2), limits)
    assert data.splits["train"].keys == whole.splits["train"].keys
    assert len(data.splits["test"]) == 4
    assert all(key.startswith("test/") for key in data.splits["test"].keys)
    assert not set(whole.splits["test"].keys) <= set(data.splits["test"].keys)


def test_a_class_that_has_no_more_pictures_stays_in_every_split(tmp_path):
    paint(tmp_path, {"a": 40, "b": 6})
    break_(tmp_path, "b/003.png")
    data = prepare(tmp_path, 1, Square(2))
    assert all(set(data.splits[split].labels) == {0, 1} for split in SPLITS)
    assert sorted(key for key in keys(data) if key[0] == "b") == [
        f"b/00{n}.png" for n in (0, 1, 2, 4, 5)
    ]
    assert [problem.path for problem in data.problems] == ["b/003.png"]


def test_one_broken_picture_is_skipped_and_two_of_few_are_refused(tmp_path):
    paint(tmp_path, {"a": 10, "b": 10})
    break_(tmp_path, "a/000.png")
    assert len(keys(prepare(tmp_path, 1, Square(2)))) == 19
    break_(tmp_path, "b/009.png")
    lines = refusal(tmp_path)
    assert lines[0] == (
        "2 of 20 pictures cannot be read, more than the 5% that examples.max_unreadable lets pass:"
    )
    assert [line.split(":")[0] for line in lines[1:]] == ["a/000.png", "b/009.png"]
    assert len(keys(prepare(tmp_path, 1, Square(2), DEFAULTS | {"max_unreadable": 0.1}))) == 18


def test_a_class_of_broken_pictures(tmp_path):
    paint(tmp_path, {"a": 90, "b": 6})
    break_(tmp_path, "b/000.png", "b/005.png")
    assert refusal(tmp_path) == [
        "class b has 4 pictures that can be read, fewer than 5; add some, or take the class out"
    ]


def test_many_broken_pictures_are_given_up_on(tmp_path, monkeypatch):
    fill(tmp_path, {"a": 300, "b": 300})
    opened = []

    def broken(path, size):
        opened.append(path)
        raise decoding.UnreadablePictureError("not an image")

    monkeypatch.setattr(decoding, "decode_picture", broken)
    lines = refusal(tmp_path, max=20, max_test=10)
    assert len(opened) == 30
    assert lines[0].startswith("30 of 30 pictures cannot be read")
    assert lines[1].endswith(".jpg: not an image")
    assert lines[21:] == ["and 10 more unreadable pictures"]


def test_a_file_that_vanishes_is_unreadable(tmp_path, monkeypatch):
    paint(tmp_path, {"a": 40, "b": 40})
    listing = find_examples(tmp_path)
    monkeypatch.setattr("needle.tasks.own.prepare.find_examples", lambda path: listing)
    (tmp_path / "a/007.png").unlink()
    data = prepare(tmp_path, 1, Square(2))
    assert [problem.path for problem in data.problems] == ["a/007.png"]
    assert len(keys(data)) == 79


def test_nothing_is_left_beside_the_output(tmp_path):
    paint(tmp_path / "in", {"a": 5, "b": 5})
    data = prepare(tmp_path / "in", 1, Square(2), scratch=tmp_path / "out")
    assert os.listdir(tmp_path / "out") == []
    assert data.splits["train"].image(0).shape == (2, 2, 3)


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


# Files


def run(folder, data, **limits):
    command = [
        sys.executable, SCRIPTS / "prepare_data.py", "--data", data, "--label", "My birds",
        "--image-size", "4", "--seed", "1", "--threads", "2",
        "--examples", json.dumps(DEFAULTS | limits), "--task", folder / "task.safetensors",
        "--examples-table", folder / "examples.csv", "--problems", folder / "problems.csv",
    ]  # fmt: skip
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)


def test_the_program_writes_three_files(tmp_path):
    root = tmp_path / "birds"
    paint(root, {"a, b": 10, 'naïve "café"': 10}, size=(9, 7))
    copy(root, "a, b/000.png", "a, b/x.png")
    result = run(tmp_path / "out", root)
    assert result.returncode == 0, result.stderr
    assert result.stdout == (
        "My birds: 2 classes; examples: 13 train, 3 val, 4 test; problems: 1\n"
    )
    task = Task(tmp_path / "out/task.safetensors")
    about = {"name": "data", "label": "My birds", "group": "", "source": "mydata",
             "classes": ["a, b", 'naïve "café"'], "image_size": 4}  # fmt: skip
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
    assert (tmp_path / "out/problems.csv").read_text() == (
        'path,problem,action\n"a, b/x.png","same content as a, b/000.png",removed\n'
    )


def test_the_program_without_problems_and_with_unusable_data(tmp_path):
    paint(tmp_path / "good", {"a": 5, "b": 5})
    assert run(tmp_path / "out", tmp_path / "good").returncode == 0
    assert (tmp_path / "out/problems.csv").read_text() == "path,problem,action\n"
    result = run(tmp_path / "none", tmp_path / "good/a")
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {tmp_path}/good/a: this data cannot be used:\n  - ")
    assert not list(tmp_path.glob("none/*"))


def test_a_task_card_takes_the_same_data(tmp_path, capsys):
    root = tmp_path / "pets"
    paint(root, {"a": 10, "b": 10})
    copy(root, "a/000.png", "a/x.png")
    card = {"name": "pets", "label": "My pets", "group": "natural", "imagefolder": str(root)}
    splits, about = read_task(card, "imagefolder", root, 1, 4)
    assert about == {"name": "pets", "label": "My pets", "group": "natural",
                     "source": "imagefolder", "classes": ["a", "b"]}  # fmt: skip
    assert [len(splits[split]) for split in SPLITS] == [13, 3, 4]
    assert capsys.readouterr().err.endswith("a/x.png: same content as a/000.png (removed)\n")
    with pytest.raises(NeedleError, match="has 2 classes, the card says 3"):
        read_task(card | {"classes": 3}, "imagefolder", root, 1, 4)


def test_decoded_pixels_are_those_of_pillow(tmp_path):
    generator = np.random.default_rng(0)
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(5):
            pixels = generator.integers(0, 256, (9, 7, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / label / f"{number}.png")
    examples = prepare(tmp_path, 1, Square(4)).splits["train"]
    for i, key in enumerate(examples.keys):
        with Image.open(tmp_path / key) as image:
            expected = np.asarray(image.resize((4, 4), Image.Resampling.BILINEAR))
        assert (examples.image(i) == expected).all()
