"""How many pictures are not used, and why: counted always, refused if too many."""

import pytest

from made import break_, copy, listed, paint, refusal, write
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import DEFAULTS, prepare
from needle.tasks.own.problems import Problem
from needle.tasks.own.unused import too_many


def test_several_labels_a_picture_are_refused(tmp_path):
    paint(tmp_path, {"cat": 12, "dog": 12})
    for number in range(6):
        copy(tmp_path, f"cat/00{number}.png", f"dog/{number}.png")
    lines = refusal(tmp_path)
    assert lines[:3] == [
        "12 of 30 pictures are not used (contradicting labels: 12), more than the 5% that "
        "examples.max_unreadable lets pass:",
        "contradicting labels look like several labels for one picture, which Needle cannot learn; "
        "keep one label for each",
        "cat/000.png: contradicting labels: same content as dog/0.png, which is of class dog",
    ]
    assert len(lines) == 2 + 12


def test_a_list_of_copies_with_other_labels_is_refused(tmp_path):
    paint(tmp_path, {"a": 20})
    for number in range(20):
        copy(tmp_path, f"a/0{number:02}.png", f"b/0{number:02}.png")
    lines = [f"{label}/0{n:02}.png,{label}" for n in range(20) for label in "ab"]
    assert refusal(listed(tmp_path, ["path,label", *lines]))[:3] == [
        "it has no pictures other than copies",
        "contradicting labels look like several labels for one picture, which Needle cannot learn; "
        "keep one label for each",
        "removed: a/000.png: contradicting labels: same content as b/000.png, which is of class b",
    ]


def test_many_copies_are_refused_and_some_are_not(tmp_path):
    paint(tmp_path, {"a": 50, "b": 50})
    for number in range(5):
        copy(tmp_path, f"a/00{number}.png", f"a/x{number}.png")
    data = prepare(tmp_path, 1, Square(2))
    assert data.counts == [
        {"class": "a", "found": 55, "train": 32, "val": 8, "test": 10, "removed": 5, "skipped": 0},
        {"class": "b", "found": 50, "train": 32, "val": 8, "test": 10, "removed": 0, "skipped": 0},
    ]
    copy(tmp_path, "b/000.png", "b/x.png")
    assert refusal(tmp_path)[0] == (
        "6 of 106 pictures are not used (copies: 6), more than the 5% that examples.max_unreadable "
        "lets pass:"
    )
    assert len(prepare(tmp_path, 1, Square(2), DEFAULTS | {"max_unreadable": 0.1}).rows) == 100


def test_many_links_are_refused(tmp_path):
    root = tmp_path / "data"
    paint(root, {"a": 10, "b": 10})
    paint(tmp_path / "far", {"c": 9})
    for number in range(9):
        (root / f"a/link{number}.png").symlink_to(tmp_path / f"far/c/00{number}.png")
    assert refusal(root)[0].startswith("9 of 29 pictures are not used (links: 9), more than the 5%")


def test_many_pictures_beside_the_class_folders_are_refused(tmp_path):
    paint(tmp_path, {"a": 10, "b": 10})
    write(tmp_path / "one.png", "1")
    assert len(prepare(tmp_path, 1, Square(2)).rows) == 20
    write(tmp_path / "two.png", "2")
    assert refusal(tmp_path) == [
        "2 of 22 pictures are not used (beside the class folders: 2), more than the 5% that "
        "examples.max_unreadable lets pass:"
    ]


def test_test_pictures_without_labels_are_no_loss(tmp_path):
    paint(tmp_path / "train", {"a": 10, "b": 10})
    for number in range(50):
        write(tmp_path / f"test/{number}.png", "")
    assert len(prepare(tmp_path, 1, Square(2)).rows) == 20


@pytest.mark.parametrize(("number", "total", "most", "refused"), [
    (0, 10, 0, False), (1, 10, 0, False), (2, 10, 0.1, True), (2, 10, 0.2, False),
])  # fmt: skip
def test_one_may_always_be_lost(number, total, most, refused):
    problems = [Problem(f"{n}", "empty file", "skipped") for n in range(number)]
    notes = [Problem("", "a note", "noted")] * 9
    assert bool(too_many(problems + notes, total, most)) == refused


def test_reasons_are_counted(tmp_path):
    paint(tmp_path, {"a": 40, "b": 40})
    copy(tmp_path, "a/000.png", "a/x.png")
    break_(tmp_path, "b/000.png", "b/001.png")
    counts = prepare(tmp_path, 1, Square(2)).counts
    assert [(row["class"], row["removed"], row["skipped"]) for row in counts] == [
        ("a", 1, 0), ("b", 0, 2),
    ]  # fmt: skip
