"""What folders mean: never guessed where there are two readings."""

import pytest

from made import complaints, fill, found, write
from needle.base.errors import NeedleError
from needle.tasks.own.listing import data_kind, find_examples

TO_LIST = "list the pictures in a .csv file with the columns path,label"


def splits_of(root):
    return sorted({(split, label) for split, label, _ in found(root)})


def notes(root):
    return [p.problem for p in find_examples(root).problems]


@pytest.mark.parametrize(
    ("train", "test"),
    [("training_set/training_set", "test_set/test_set"), ("seg_train/seg_train", "seg_test"),
     ("trainset", "testset"), ("Train-Images", "Test-Images"), ("train2017", "test2017")],
)  # fmt: skip
def test_splits_under_other_names(tmp_path, train, test):
    fill(tmp_path / train, {"cats": 5, "dogs": 5})
    fill(tmp_path / test, {"cats": 2, "dogs": 2})
    assert splits_of(tmp_path) == [("test", "cats"), ("test", "dogs"),
                                   ("train", "cats"), ("train", "dogs")]  # fmt: skip


def test_dev_is_val(tmp_path):
    for split in ("train", "dev", "test"):
        fill(tmp_path / split, {"a": 5, "b": 5})
    assert {split for split, _ in splits_of(tmp_path)} == {"train", "val", "test"}


def test_a_folder_of_each_split_that_holds_the_class_folders(tmp_path):
    for split in ("train", "test"):
        fill(tmp_path / split / "images", {"a": 5, "b": 5})
    assert splits_of(tmp_path) == [("test", "a"), ("test", "b"), ("train", "a"), ("train", "b")]


@pytest.mark.parametrize("inside", ["", "seg_pred"])
def test_more_pictures_without_labels_are_not_used(tmp_path, inside):
    for split in ("seg_train", "seg_test"):
        fill(tmp_path / split, {"a": 5, "b": 5})
    fill(tmp_path / "seg_pred", {inside: 9})
    assert len(found(tmp_path)) == 20
    folder = f"seg_pred/{inside}".rstrip("/")
    assert notes(tmp_path) == [
        f"{folder} has 9 pictures but no class folders; they have no labels and are not used"
    ]


def test_an_unknown_split_beside_known_ones_is_refused(tmp_path):
    for split in ("seg_train", "seg_test", "seg_pred"):
        fill(tmp_path / split, {"a": 5, "b": 5})
    assert complaints(tmp_path) == [
        "folder seg_pred is beside seg_test and seg_train but is none of train, val and test; "
        "rename it as one of these, or move it elsewhere"
    ]


@pytest.mark.parametrize("inside", ["", "test", "images", "unknown"])
def test_test_pictures_without_labels_are_not_used(tmp_path, inside):
    fill(tmp_path / "train", {"cat": 12, "dog": 12})
    fill(tmp_path / "test", {inside: 10})
    assert splits_of(tmp_path) == [("", "cat"), ("", "dog")]
    folder = f"test/{inside}".rstrip("/")
    note = f"{folder} has 10 pictures but no class folders; they have no labels and are not used, "
    assert notes(tmp_path) == [f"{note}test is cut from train"]


def test_val_pictures_without_labels_are_not_used(tmp_path):
    for split in ("train", "test"):
        fill(tmp_path / split, {"cat": 12, "dog": 12})
    fill(tmp_path / "val", {"": 10})
    assert {split for split, _ in splits_of(tmp_path)} == {"train", "test"}
    assert notes(tmp_path) == ["val has 10 pictures but no class folders; they have no labels and "
                               "are not used, val is cut from train"]  # fmt: skip


def test_without_test_labels_a_val_may_be_either(tmp_path):
    for split in ("train", "val"):
        fill(tmp_path / split, {"cat": 12, "dog": 12})
    fill(tmp_path / "test", {"": 10})
    assert complaints(tmp_path)[0] == (
        "test has 10 pictures but no class folders; put them into a folder for each class, or name "
        f"{tmp_path}/train instead"
    )


def test_train_pictures_without_labels_are_refused(tmp_path):
    for split in ("train", "test"):
        fill(tmp_path / split, {"": 5})
    write(tmp_path / "train.csv", "path,label")
    assert complaints(tmp_path)[0] == (
        "train has 5 pictures but no class folders; put them into a folder for each class, or "
        + TO_LIST
    )


def test_an_empty_split_is_refused(tmp_path):
    fill(tmp_path / "train", {"a": 5, "b": 5})
    (tmp_path / "test").mkdir()
    assert complaints(tmp_path) == ["it has no pictures in test; add some, or remove the folder"]


TWO = [
    ({f"fold{n}/{c}": 5 for n in "123" for c in ("benign", "malignant")}, "fold1, fold2, fold3",
     "benign, malignant"),
    ({f"fold{n}/{c}": 5 for n in "12" for c in "01"}, "fold1, fold2", "0, 1"),
    ({"animals/cat": 5, "animals/dog": 5, "things/car": 5, "things/cup": 5}, "animals, things",
     "car, cat, cup, dog"),
    ({"animals/cat": 5, "animals/dog": 5, "birds": 5}, "animals, birds", "birds, cat, dog"),
    ({"benign/SOB/adenosis": 5, "benign/SOB/tubular": 5, "malignant/SOB/lobular": 5},
     "benign, malignant", "adenosis, lobular, tubular"),
    ({f"{site}/{c}": 5 for site in ("Bern", "Oslo") for c in ("ok", "scratch")}, "Bern, Oslo",
     "ok, scratch"),
    ({f"{split}/{c}": 5 for split in ("train", "test")
      for c in ("animals/cat", "animals/dog", "cars/vw", "cars/bmw")}, "animals, cars",
     "bmw, cat, dog, vw"),
]  # fmt: skip


@pytest.mark.parametrize(("counts", "outer", "inner"), TWO)
def test_of_two_readings_both_are_named_and_either_can_be_chosen(tmp_path, counts, outer, inner):
    fill(tmp_path, counts)
    assert complaints(tmp_path) == [
        f"folders hold folders: the classes may be the {len(outer.split(', '))} outer ones "
        f"({outer}) or the {len(inner.split(', '))} inner ones ({inner}); set "
        f"examples.class_folders in the config to outermost or innermost, or {TO_LIST}"
    ]
    for chosen, labels in (("outermost", outer), ("innermost", inner)):
        listing = find_examples(tmp_path, chosen)
        assert {c.label for c in listing.candidates} == set(labels.split(", "))
        assert len(listing.candidates) == sum(counts.values())


@pytest.mark.parametrize(
    "counts",
    [
        {"cat/2021": 5, "cat/2022": 5, "dog/2021": 5},
        {"cat/session1": 3, "cat/session2": 3, "dog/session1": 5},
        {"cat/images": 5, "dog/images": 5},
        {"cat/a/b/c": 5, "dog/d": 5},
        {"cat": 5, "cat/more": 5, "cat/other": 5, "dog": 5},
    ],
)
def test_folders_in_class_folders_that_are_no_classes(tmp_path, counts):
    fill(tmp_path, counts)
    assert {label for _, label, _ in found(tmp_path)} == {"cat", "dog"}


@pytest.mark.parametrize("top", ["", "train/"])
def test_pictures_and_their_masks_are_no_classes(tmp_path, top):
    fill(tmp_path, {f"{top}images": 20, f"{top}annotations/trimaps": 20})
    if top:
        fill(tmp_path, {"test/images": 5})
    assert complaints(tmp_path)[0] == (
        "its folders annotations, images look like pictures and what was drawn on them, not like "
        f"classes; {TO_LIST}; if these are the classes, set examples.class_folders in the config "
        "to outermost"
    )


def test_a_mask_beside_no_mask_is_a_class(tmp_path):
    fill(tmp_path, {"mask": 5, "no mask": 5})
    assert len(found(tmp_path)) == 10


def test_a_stray_table_or_archive_is_passed_over_or_named(tmp_path):
    fill(tmp_path / "data", {"a": 5, "b": 5})
    write(tmp_path / "data/labels.csv", "path,label")
    write(tmp_path / "data/all.zip", "")
    assert len(found(tmp_path / "data")) == 10
    write(tmp_path / "flat/labels.csv", "path,label")
    write(tmp_path / "flat/all.zip", "")
    assert complaints(tmp_path / "flat")[1:3] == [
        f"if labels.csv lists the pictures, name {tmp_path}/flat/labels.csv instead",
        "if all.zip has the pictures, unpack it",
    ]


@pytest.mark.parametrize("split", ["", "train/"])
def test_embeddings_beside_pictures_are_two_readings(tmp_path, split):
    write(tmp_path / "meta.parquet", "")
    fill(tmp_path, {"plots": 2})
    assert data_kind(tmp_path) == "features"
    fill(tmp_path, {f"{split}a": 5, f"{split}b": 5, "test/b": 5})
    with pytest.raises(NeedleError) as caught:
        find_examples(tmp_path)
    folders = "plots, test, train" if split else "a, b, plots, test"
    assert str(caught.value) == (
        f"{tmp_path}: has folders of pictures ({folders}) and files of embeddings (meta.parquet); "
        "move those that are not the data elsewhere"
    )
