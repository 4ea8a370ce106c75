"""What lies in a folder and is no picture of a class: passed over, and said."""

import os

import pytest

from made import complaints, fill, found, write
from needle.tasks.own import walk as walking
from needle.tasks.own.listing import find_examples
from needle.tasks.own.problems import Problem
from needle.tasks.own.walk import walk


def test_what_is_passed_over_is_counted_once(tmp_path):
    fill(tmp_path, {"a": 5, "b": 5})
    write(tmp_path / "beside.png", "1")
    for name in ("a/notes.txt", "b/notes.TXT", "b/deep/clip.mp4", "README", ".hidden.txt"):
        write(tmp_path / name, name)
    assert find_examples(tmp_path).problems == [
        Problem("", "1 picture lies beside the class folders and has no class", "noted"),
        Problem("", "4 files of other types: 2 .txt, 1 .mp4, 1 without suffix", "noted"),
    ]
    write(tmp_path / "beside.jpg", "2")
    assert find_examples(tmp_path).problems[0].problem == (
        "2 pictures lie beside the class folders and have no class"
    )


def test_links(tmp_path):
    root, outside = tmp_path / "data", tmp_path / "outside"
    fill(root, {"a": 5, "b": 5})
    fill(outside, {"c": 5})
    (root / "a/inside.jpg").symlink_to("000.jpg")
    (root / "a/outside.jpg").symlink_to(outside / "c/000.jpg")
    (root / "a/nowhere.jpg").symlink_to("missing.jpg")
    (root / "a/round.jpg").symlink_to("round.jpg")
    (root / "b/up").symlink_to("..")
    listing = find_examples(root)
    paths = {c.path for c in listing.candidates}
    assert len(paths) == 11
    assert "a/inside.jpg" in paths
    assert {(p.path, p.problem, p.action) for p in listing.problems} == {
        ("a/outside.jpg", "a link that leads out of the data's folder", "skipped"),
        ("a/nowhere.jpg", "a link that leads nowhere", "skipped"),
        ("a/round.jpg", "a link that leads nowhere", "skipped"),
        ("b/up", "a link to a folder, which is not followed", "skipped"),
    }
    link = tmp_path / "link"
    link.symlink_to(root)
    assert {c.path for c in find_examples(link).candidates} == paths


TO_COPY = "copy the data with cp -rL, or list the pictures in a .csv file"


@pytest.mark.parametrize("split", ["", "train/", "test/"])
def test_a_class_that_is_a_link_is_refused_as_an_empty_one_is(tmp_path, split):
    root = tmp_path / "data"
    for given in ("train", "test") if split else ("",):
        fill(root / given, {"a": 5, "b": 5})
    fill(tmp_path / "far", {"c": 5})
    (root / f"{split}c").symlink_to(tmp_path / "far/c")
    assert complaints(root) == [
        f"class c is a link to a folder, which is not followed; {TO_COPY}",
        f"skipped: {split}c: a link to a folder, which is not followed",
    ]
    (root / f"{split}c").unlink()
    (root / f"{split}c").symlink_to("missing")
    assert complaints(root)[0] == f"class c is a link that leads nowhere; {TO_COPY}"
    (root / f"{split}c").rename(root / f"{split}missing.txt")
    assert len(found(root)) == 20 if split else 10


def test_a_link_to_a_file_is_no_class(tmp_path):
    fill(tmp_path / "data", {"a": 5, "b": 5})
    write(tmp_path / "LICENSE", "free")
    (tmp_path / "data/LICENSE").symlink_to(tmp_path / "LICENSE")
    assert len(found(tmp_path / "data")) == 10


def test_a_split_that_is_a_link_is_refused(tmp_path):
    for split in ("train", "test", "far"):
        fill(tmp_path / split, {"a": 5, "b": 5})
    root = tmp_path / "data"
    root.mkdir()
    (tmp_path / "train").rename(root / "train")
    (root / "test").symlink_to(tmp_path / "test")
    assert f"split test is a link to a folder, which is not followed; {TO_COPY}" in complaints(root)


def test_a_class_of_linked_files_says_what_to_do(tmp_path):
    """As Hugging Face's cache and DVC leave them."""
    root = tmp_path / "data"
    fill(root, {"a": 5, "b": 5})
    fill(tmp_path / "far", {"c": 5})
    (root / "c").mkdir()
    for number in range(5):
        (root / f"c/{number}.jpg").symlink_to(tmp_path / f"far/c/00{number}.jpg")
    lines = complaints(root)
    assert lines[:3] == [
        "class c has no pictures, fewer than 5; add some, or take the class out",
        f"links that lead out of the data are not followed; {TO_COPY}",
        "skipped: c/0.jpg: a link that leads out of the data's folder",
    ]


def test_odd_files(tmp_path):
    fill(tmp_path, {"a": 5, "b": 5, "line\nbreak": 5})
    os.mkfifo(tmp_path / "a/pipe.jpg")
    latin = os.fsdecode(b"caf\xe9.jpg")
    write(tmp_path / "b" / latin, "")
    listing = find_examples(tmp_path)
    assert listing.problems == [
        Problem("a/pipe.jpg", "not a regular file", "skipped"),
        Problem("b/caf\\xe9.jpg", "a name that is no valid UTF-8", "skipped"),
    ]
    assert {c.label for c in listing.candidates} == {"a", "b", "line\nbreak"}


def test_a_folder_that_cannot_be_read_is_reported(tmp_path, monkeypatch):
    fill(tmp_path, {"a": 5, "b": 5, "b/locked": 1})
    scandir = os.scandir

    def locked(path):
        if str(path).rstrip("/").endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(walking.os, "scandir", locked)
    assert find_examples(tmp_path).problems == [
        Problem(
            "b/locked/",
            "a folder that cannot be read ([Errno 13] Permission denied)",
            "skipped",
        )
    ]


def test_walking_visits_each_entry_once(tmp_path):
    fill(tmp_path, {"b/c/d": 1, "a": 2, ".h": 1})
    assert [path for path, _ in walk(tmp_path)] == [
        "a", "b", "a/000.jpg", "a/001.jpg", "b/c", "b/c/d", "b/c/d/000.jpg",
    ]  # fmt: skip
