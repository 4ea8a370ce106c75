"""The order of TFDS and VTAB-1K's splits, against a second computation.

tests/data/vtab1k_index.json.gz holds the train800, val200 and test examples of 12 tasks, computed
apart from this library from the split rules of google-research/task_adaptation @ d7630d3 and the
builders of tensorflow-datasets 4.9.10.
"""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.order import tfds_order
from needle.tasks.vtab1k.readers import eurosat, resisc45, sun397
from needle.tasks.vtab1k.registry import RAW, raw_classes, read_raw
from needle.tasks.vtab1k.selection import vtab_splits

CLEVR = {"train": "CLEVR_train_{:06d}.png", "validation": "CLEVR_val_{:06d}.png"}
CAMELYON = {"train": "train_{}", "validation": "valid_{}", "test": "test_{}"}
EUROSAT = [
    ("AnnualCrop", 3000),
    ("Forest", 3000),
    ("HerbaceousVegetation", 3000),
    ("Highway", 2500),
    ("Industrial", 2500),
    ("Pasture", 2000),
    ("PermanentCrop", 2500),
    ("Residential", 3000),
    ("River", 2500),
    ("SeaLake", 3000),
]


def numbered(name, numbers):
    return [name.format(number) for number in numbers]


def all_keys(dataset, sizes, index):
    """All keys of a data set by original split, where they follow from its size."""
    if dataset == "eurosat":
        names = [numbered(f"{name}_{name}_{{}}.jpg", range(1, n + 1)) for name, n in EUROSAT]
        return {"train": [key for part in names for key in part]}
    if dataset == "resisc45":
        names = sorted({key[: -len("_000.jpg")] for key in index[dataset]["test"]})
        return {"train": [f"{name}_{i:03d}.jpg" for name in names for i in range(1, 701)]}
    name = {"clevr": CLEVR, "patch_camelyon": CAMELYON}.get(dataset)
    return {
        split: numbered(name[split], range(size)) if name else range(size)
        for split, size in sizes.items()
    }


@pytest.mark.parametrize(
    ("dataset", "module"),
    [
        ("cifar100", "cifar"),
        ("svhn", "svhn"),
        ("dsprites", "dsprites"),
        ("smallnorb", "smallnorb"),
        ("clevr", "clevr"),
        ("patch_camelyon", "pcam"),
        ("eurosat", "eurosat"),
        ("resisc45", "resisc45"),
    ],
)
def test_splits_are_those_of_the_second_computation(dataset, module, index):
    reader = import_module(f"needle.tasks.vtab1k.readers.{module}")
    sources = {
        split: Examples(keys, np.zeros(len(keys), np.int64), None)
        for split, keys in all_keys(dataset, reader.SIZES, index).items()
    }
    splits = vtab_splits(sources, reader.SPLITS, reader.SIZES, None, "folder")
    expected = index[dataset]
    assert splits["train"].keys == expected["train800"]
    assert splits["val"].keys == expected["val200"]
    if isinstance(expected["test"], list):
        assert splits["test"].keys == expected["test"]
    else:
        assert len(splits["test"]) == {"clevr": 15000}.get(dataset, expected["test"])


def assert_equal(splits, expected):
    assert splits["train"].keys == expected["train800"]
    assert splits["val"].keys == expected["val200"]
    assert sorted(splits["test"].keys) == sorted(expected["test"])


@pytest.mark.parametrize(
    ("module", "task", "sizes", "number"),
    [
        (eurosat, "eurosat", [3000, 3000, 3000, 2500, 2500, 2000, 2500, 3000, 2500, 3000], "d"),
        (resisc45, "resisc45", [700] * 45, "03d"),
    ],
)
def test_splits_of_class_folders_are_those_of_vtab(index, module, task, sizes, number):
    keys = [
        f"{name}_{name}_{i:{number}}.jpg"
        for name, size in zip(module.CLASSES, sizes, strict=True)
        for i in range(1, size + 1)
    ]
    source = Examples(keys, np.repeat(np.arange(len(sizes)), sizes), image=None)
    splits = vtab_splits({"train": source}, module.SPLITS, module.SIZES, None, "folder")
    assert_equal(splits, index[task])
    assert splits["test"].keys == index[task]["test"]
    for split in splits.values():
        names = [module.CLASSES[label] for label in split.labels]
        assert all(map(str.startswith, split.keys, (f"{name}_{name}_" for name in names)))


def test_sun397_splits_are_those_of_vtab(tmp_path, index, monkeypatch):
    (tmp_path / "SUN397").mkdir()
    monkeypatch.setattr(Path, "is_file", lambda path: path.is_relative_to(tmp_path / "SUN397"))
    splits = sun397.read(tmp_path, "sun397")
    assert_equal(splits, index["sun397"])
    for split in splits.values():
        folders = [sun397.classes("sun397")[label] for label in split.labels]
        assert all(map(str.startswith, split.keys, (f"{folder}/sun_" for folder in folders)))


def test_sun397s_lists_are_in_the_order_too(index):
    for name, split in (("train800", "train"), ("val200", "validation")):
        keys = index["sun397"][name]
        assert tfds_order(split, keys).tolist() == list(range(len(keys)))


def test_order_of_cifar10_as_tfds_returns_it():
    first = [16399, 1680, 47917, 17307, 27051, 48736, 26263, 1456]
    first += [19135, 31598, 12970, 4223, 27152, 49635, 4093, 17537]
    assert tfds_order("train", range(50000))[:16].tolist() == first


def test_order_depends_on_the_split_and_not_on_how_keys_arrive():
    keys = [f"class_{i}" for i in range(100)]
    order = tfds_order("train", keys)
    assert sorted(order) == list(range(100))
    assert [keys[i] for i in order] == [keys[::-1][i] for i in tfds_order("train", keys[::-1])]
    assert order.tolist() != tfds_order("test", keys).tolist()
    assert tfds_order("train", []).tolist() == []


def source(size):
    return Examples([f"k{i}" for i in range(size)], np.arange(size), lambda i: ("image", i))


def test_labels_and_images_follow_their_keys():
    rule = {"train": ("train", 0, 3), "val": ("train", 5, 7), "test": ("other", 0, None)}
    sources = {"train": source(9), "other": source(4)}
    splits = vtab_splits(sources, rule, {"train": 9, "other": 4}, None, "folder")
    assert [len(splits[name]) for name in ("train", "val", "test")] == [3, 2, 4]
    for part in splits.values():
        for i, (key, label) in enumerate(zip(part.keys, part.labels, strict=True)):
            assert key == f"k{label}"
            assert part.image(i) == ("image", label)


def test_counts_override_the_rule_for_small_files():
    rule = {"train": ("train", 0, 800), "val": ("train", 900, 950), "test": ("train", 950, None)}
    counts = {"train": 4, "val": (4, 6), "test": (6, None)}
    splits = vtab_splits({"train": source(10)}, rule, {"train": 1000}, counts, "folder")
    assert [len(splits[name]) for name in ("train", "val", "test")] == [4, 2, 4]
    chosen = [key for part in splits.values() for key in part.keys]
    assert chosen == [f"k{i}" for i in tfds_order("train", source(10).keys)]


def test_another_number_of_examples_than_published_is_refused():
    rule = {"train": ("train", 0, 5), "test": ("train", 5, None)}
    with pytest.raises(NeedleError, match=r"folder: train has 9 examples, .* has 10; get"):
        vtab_splits({"train": source(9)}, rule, {"train": 10}, None, "folder")


def test_registry_has_all_tasks_but_caltech101():
    assert len(RAW) == 18
    for call in (lambda: read_raw("caltech101", "raw"), lambda: raw_classes("caltech101")):
        with pytest.raises(NeedleError, match=r"directory listing.*vtab1k_folder"):
            call()
    with pytest.raises(NeedleError, match="mnist: no reader"):
        read_raw("mnist", "raw")
    with pytest.raises(NeedleError, match=r"svhn/train_32x32\.mat: no such file; get"):
        read_raw("svhn", "raw")
