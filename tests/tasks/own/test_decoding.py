"""Pictures are decoded once, and a broken one is replaced, skipped or too much."""

import os

import numpy as np
from PIL import Image

from made import break_, fill, keys, paint, refusal
from needle.tasks.own import decoding
from needle.tasks.own.listing import find_examples
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import DEFAULTS, prepare
from needle.tasks.own.problems import Problem
from needle.tasks.task_file import SPLITS


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
    monkeypatch.setattr("needle.tasks.own.prepare.find_examples", lambda *_: listing)
    (tmp_path / "a/007.png").unlink()
    data = prepare(tmp_path, 1, Square(2))
    assert [problem.path for problem in data.problems] == ["a/007.png"]
    assert len(keys(data)) == 79


def test_nothing_is_left_beside_the_output(tmp_path):
    paint(tmp_path / "in", {"a": 5, "b": 5})
    data = prepare(tmp_path / "in", 1, Square(2), scratch=tmp_path / "out")
    assert os.listdir(tmp_path / "out") == []
    assert data.splits["train"].image(0).shape == (2, 2, 3)


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
