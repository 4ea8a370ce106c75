"""Pictures in class folders, or in class folders of splits, and what is wrong with these."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from made import complaints, fill, found, write
from needle.tasks.own.labels import label_complaints
from needle.tasks.own.listing import find_examples
from needle.tasks.own.walk import is_hidden


def test_class_folders(tmp_path):
    fill(tmp_path, {"big cat": 5, "ant/2021/May": 3, "ant/2022": 2})
    write(tmp_path / "ant/upper.JPEG", "upper")
    write(tmp_path / "ant/.hidden.jpg", "hidden")
    write(tmp_path / "ant/.cache/x.jpg", "hidden")
    write(tmp_path / "__MACOSX/ant/x.jpg", "hidden")
    listing = find_examples(tmp_path)
    assert listing.root == tmp_path
    assert [(c.split, c.label) for c in listing.candidates] == [("", "ant")] * 6 + [
        ("", "big cat")
    ] * 5
    paths = [c.path for c in listing.candidates]
    assert paths == sorted(paths)
    assert {"ant/2021/May/000.jpg", "ant/upper.JPEG", "big cat/004.jpg"} <= set(paths)
    assert listing.problems == []


def test_split_folders(tmp_path):
    for split in ("Train", "validation", "test"):
        fill(tmp_path / split, {"a": 2, "b/deep": 2})
        write(tmp_path / split / "beside.jpg", split)
    assert found(tmp_path) == [
        ("train", "a", "Train/a/000.jpg"),
        ("train", "a", "Train/a/001.jpg"),
        ("train", "b", "Train/b/deep/000.jpg"),
        ("train", "b", "Train/b/deep/001.jpg"),
        ("test", "a", "test/a/000.jpg"),
        ("test", "a", "test/a/001.jpg"),
        ("test", "b", "test/b/deep/000.jpg"),
        ("test", "b", "test/b/deep/001.jpg"),
        ("val", "a", "validation/a/000.jpg"),
        ("val", "a", "validation/a/001.jpg"),
        ("val", "b", "validation/b/deep/000.jpg"),
        ("val", "b", "validation/b/deep/001.jpg"),
    ]
    assert [p.problem for p in find_examples(tmp_path).problems] == [
        "3 pictures lie beside the class folders and have no class"
    ]


def test_a_train_is_a_class_beside_others(tmp_path):
    fill(tmp_path, {"bus": 5, "train": 5})
    assert {label for _, label, _ in found(tmp_path)} == {"bus", "train"}
    write(tmp_path / "train/ice/1.jpg", "a folder in it: a split")
    assert complaints(tmp_path) == [
        "it has train but no test; add the folder test, or give one folder of class folders",
        "folder bus is beside train but is none of train, val and test; rename it as one of "
        "these, or move it elsewhere",
        "noted: 10 pictures lie beside the class folders and have no class",
    ]


def test_split_folders_that_do_not_fit(tmp_path):
    fill(tmp_path / "train", {"a": 5, "b": 5})
    assert complaints(tmp_path) == [
        "it has train but no test; add the folder test, or give one folder of class folders"
    ]
    for name in ("test", "val", "valid", "extra"):
        fill(tmp_path / name, {"a": 5, "b": 5})
    assert complaints(tmp_path) == [
        "it has val and valid, which are one split; keep one of them",
        "folder extra is beside test and train and val and valid but is none of train, val and "
        "test; rename it as one of these, or move it elsewhere",
    ]


def test_all_complaints_about_classes_come_at_once(tmp_path):
    for split, names in {"train": "abc", "val": "ab", "test": "abd"}.items():
        fill(tmp_path / split, dict.fromkeys(names, 3))
    (tmp_path / "val/e").mkdir()
    assert complaints(tmp_path) == [
        "class d has no pictures in train, only in test; put some into train, or take the class "
        "out",
        "class c has 3 pictures, fewer than 5; add some, or take the class out",
        "class d has 3 pictures, fewer than 5; add some, or take the class out",
        "class e has no pictures, fewer than 5; add some, or take the class out",
    ]


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_a_split_without_any_picture(tmp_path, split):
    for name in {"train", "val", "test"} - {split}:
        fill(tmp_path / name, {"a": 5, "b": 5})
    for label in "ab":
        (tmp_path / split / label).mkdir(parents=True)
    assert complaints(tmp_path) == [f"it has no pictures in {split}; add some"]


def test_a_class_that_only_train_has_is_listed(tmp_path):
    fill(tmp_path / "train", {"a": 5, "b": 5, "c": 5})
    fill(tmp_path / "val", {"a": 2, "b": 2})
    fill(tmp_path / "test", {"a": 2})
    (tmp_path / "test/c").mkdir()
    assert len(found(tmp_path)) == 21


def test_folders_without_classes(tmp_path):
    no_folders = (
        "put the pictures of each class into a folder of its own, or list them in a .csv file with "
        "the columns path,label"
    )
    assert complaints(tmp_path) == [f"it has no class folders; {no_folders}"]
    write(tmp_path / "1.jpg", "1")
    assert complaints(tmp_path) == [
        f"it has 1 picture but no class folders; {no_folders}",
        "noted: 1 picture lies beside the class folders and has no class",
    ]


def test_too_few_pictures(tmp_path):
    (tmp_path / "a").mkdir()
    assert complaints(tmp_path) == ["it has no pictures"]
    fill(tmp_path, {"a": 1})
    assert complaints(tmp_path) == [
        "it has only one class, a; there is nothing to tell apart",
        "class a has 1 picture, fewer than 5; add some, or take the class out",
    ]
    fill(tmp_path, {"a": 5, "b": 4})
    for number in range(900):
        write(tmp_path / f"b/{number}.heic", "a telephone's")
    assert complaints(tmp_path) == [
        "class b has 4 pictures, fewer than 5; add some, or take the class out",
        "noted: 900 files of other types: 900 .heic",
    ]
    fill(tmp_path, {"b": 5})
    assert len(found(tmp_path)) == 10


def test_a_folder_round_the_class_folders(tmp_path):
    fill(tmp_path / "images", {"a": 5, "b": 5})
    assert complaints(tmp_path) == [
        "it has one folder, images, which holds folders; if those are the classes, name "
        f"{tmp_path}/images instead"
    ]


def test_many_complaints_are_shortened(tmp_path):
    fill(tmp_path, {f"{number:02d}": 1 for number in range(30)})
    lines = complaints(tmp_path)
    assert len(lines) == 21
    assert lines[-1] == "and 10 more small classes"


def test_classes_are_one_however_accents_are_encoded(tmp_path):
    composed, apart = (unicodedata.normalize(form, "naïve café") for form in ("NFC", "NFD"))
    assert composed != apart
    fill(tmp_path / "train", {composed: 3, "中文": 3})
    fill(tmp_path / "test", {apart: 3, "中文": 3})
    items = found(tmp_path)
    assert {label for _, label, _ in items} == {composed, "中文"}
    assert {path.split("/")[1] for split, _, path in items if split == "test"} == {apart, "中文"}


NAMES = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=8
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 80)


@given(names=st.lists(NAMES, min_size=2, max_size=5, unique=True))
def test_any_class_names(tmp_path_factory, names):
    """Each visible folder's pictures are found, under its name in form NFC."""
    root = tmp_path_factory.mktemp("data")
    fill(root, dict.fromkeys(["a class", "another", *names], 5))
    kept = {"a class", "another", *(name for name in names if not is_hidden(name))}
    assume(not label_complaints(kept))
    items = found(root)
    assert len(items) == 5 * len(kept)
    assert {label for _, label, _ in items} == {unicodedata.normalize("NFC", n) for n in kept}
    assert all((root / path).is_file() for _, _, path in items)
