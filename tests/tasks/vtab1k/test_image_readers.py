"""Readers of image data sets, on tiny files in the original formats, label by label."""

import numpy as np
import pytest
from originals import contents, grey, in_order, tar, zipped
from scipy.io import savemat

from needle.base.errors import NeedleError
from needle.tasks.vtab1k.readers import dtd, flowers, pets
from needle.tasks.vtab1k.registry import raw_classes, read_raw


def test_dtd(tmp_path):
    lists = {
        "train": ["banded/banded_0002.jpg", "zigzagged/zigzagged_0001.jpg"],
        "val": ["polka-dotted/polka-dotted_0009.jpg"],
        "test": ["blotchy/blotchy_0003.jpg", "woven/woven_0042.jpg"],
    }
    keys = [key for split in lists.values() for key in split]
    files = {f"dtd/images/{key}": grey(40 * i) for i, key in enumerate(keys)}
    for split, lines in lists.items():
        files[f"dtd/labels/{split}1.txt"] = "".join(f"{line}\n" for line in lines).encode()
        files[f"dtd/labels/{split}2.txt"] = b"another/partition.jpg\n"
    tar(tmp_path / "dtd/dtd-r1.0.1.tar.gz", files)
    splits = read_raw("dtd", tmp_path, counts={"val": 1})
    assert contents(splits["train"]) == {keys[0]: (0, 0), keys[1]: (40, 46)}
    assert contents(splits["val"]) == {keys[2]: (80, 30)}
    assert contents(splits["test"]) == {keys[3]: (120, 1), keys[4]: (160, 44)}
    assert splits["test"].keys == in_order("test", lists["test"])
    assert splits["train"].image(0).shape == (4, 5, 3)
    with pytest.raises(NeedleError, match=r"train has 2 examples, the published .* has 1880"):
        read_raw("dtd", tmp_path)


def test_dtd_with_an_unknown_class(tmp_path):
    tar(tmp_path / "dtd-r1.0.1.tar.gz", {"dtd/labels/train1.txt": b"tartan/tartan_0001.jpg\n"})
    with pytest.raises(NeedleError, match=r"train1\.txt: tartan/tartan_0001\.jpg is in no class"):
        dtd.read(tmp_path, "dtd")


def write_flowers(folder, labels, ids):
    images = {f"jpg/image_{n:05d}.jpg": grey(20 * n) for n in range(1, len(labels) + 1)}
    tar(folder / "102flowers.tgz", images)
    savemat(folder / "imagelabels.mat", {"labels": np.array([labels], np.uint8)})
    savemat(folder / "setid.mat", {name: np.array([ids[name]], np.uint16) for name in ids})


def test_flowers(tmp_path):
    labels = [77, 1, 102, 5, 5, 9]
    ids = {"trnid": [6, 2], "valid": [1], "tstid": [3, 5, 4]}
    write_flowers(tmp_path / "oxford_flowers102", labels, ids)
    splits = read_raw("oxford_flowers102", tmp_path, counts={})
    for split, name in {"train": "trnid", "val": "valid", "test": "tstid"}.items():
        expected = {f"image_{n:05d}.jpg": (20 * n, labels[n - 1] - 1) for n in ids[name]}
        assert contents(splits[split]) == expected
    names = [f"image_{n:05d}.jpg" for n in ids["tstid"]]
    assert splits["test"].keys == in_order("test", names)
    with pytest.raises(NeedleError, match=r"train has 2 examples, the published .* has 1020"):
        read_raw("oxford_flowers102", tmp_path)


def test_flowers_with_an_image_without_a_label(tmp_path):
    write_flowers(tmp_path, [1], {"trnid": [2], "valid": [1], "tstid": [1]})
    with pytest.raises(NeedleError, match=r"setid\.mat: numbers images that imagelabels\.mat"):
        flowers.read(tmp_path, "oxford_flowers102")
    (tmp_path / "setid.mat").write_bytes(b"not Matlab")
    with pytest.raises(NeedleError, match=r"setid\.mat: not a file of Flowers-102"):
        flowers.read(tmp_path, "oxford_flowers102")


def write_pets(folder, trainval, test, images):
    lists = {"trainval.txt": trainval, "test.txt": test, "list.txt": "#Image CLASS-ID\n"}
    tar(folder / "annotations.tar.gz", {f"annotations/{n}": t.encode() for n, t in lists.items()})
    tar(folder / "images.tar.gz", {f"images/{name}.jpg": data for name, data in images.items()})


def test_pets(tmp_path):
    images = {
        "Abyssinian_100": grey(10),
        "Egyptian_Mau_129": grey(20, format="GIF"),
        "yorkshire_terrier_9": grey(30, mode="RGBA", format="PNG"),
        "american_bulldog_1": grey(40, mode="RGB"),
    }
    trainval = "Abyssinian_100 1 1 1\nEgyptian_Mau_129 12 1 5\nyorkshire_terrier_9 37 2 25\n"
    write_pets(tmp_path / "oxford_iiit_pet", trainval, "american_bulldog_1 2 2 1\n", images)
    splits = read_raw("oxford_iiit_pet", tmp_path, counts={"train": 3, "val": (0, 2)})
    assert contents(splits["train"]) == {
        "Abyssinian_100.jpg": (10, 0),
        "Egyptian_Mau_129.jpg": (20, 11),
        "yorkshire_terrier_9.jpg": (30, 36),
    }
    assert splits["train"].keys == in_order("train", [f"{name}.jpg" for name in images][:3])
    assert splits["val"].keys == splits["train"].keys[:2]
    assert contents(splits["test"]) == {"american_bulldog_1.jpg": (40, 1)}
    for split in splits.values():
        for key, label in zip(split.keys, split.labels, strict=True):
            assert key.startswith(pets.CLASSES[label])
    with pytest.raises(NeedleError, match=r"train has 3 examples, the published .* has 3680"):
        read_raw("oxford_iiit_pet", tmp_path)


def test_pets_with_a_broken_list(tmp_path):
    write_pets(tmp_path, "Abyssinian_100 one 1 1\n", "", {"Abyssinian_100": grey(10)})
    with pytest.raises(NeedleError, match=r"trainval\.txt: not a list of the Pet data set"):
        pets.read(tmp_path, "oxford_iiit_pet")


@pytest.mark.parametrize(
    ("task", "archive", "root", "names"),
    [
        ("eurosat", "EuroSAT.zip", "2750", ["AnnualCrop_1", "SeaLake_3000", "SeaLake_2"]),
        (
            "resisc45",
            "NWPU-RESISC45.zip",
            "NWPU-RESISC45",
            ["airplane_001", "wetland_700", "wetland_002"],
        ),
    ],
)
def test_class_folders_in_a_zip_or_beside_it(tmp_path, task, archive, root, names):
    classes = raw_classes(task)
    files = {f"{root}/{name}/": b"" for name in classes}
    for i, name in enumerate(names):
        files[f"{root}/{name.rpartition('_')[0]}/{name}.jpg"] = grey(50 * i)
    zipped(tmp_path / task / archive, files)
    keys = [f"{name.rpartition('_')[0]}_{name}.jpg" for name in names]
    last = len(classes) - 1
    counts = {"train": 3, "val": (0, 0), "test": (1, 3)}
    for _ in range(2):
        splits = read_raw(task, tmp_path, counts)
        assert contents(splits["train"]) == {
            keys[0]: (0, 0),
            keys[1]: (50, last),
            keys[2]: (100, last),
        }
        assert splits["train"].keys == in_order("train", keys)
        assert splits["test"].keys == splits["train"].keys[1:]
        # What was extracted is enough.
        (tmp_path / task / archive).unlink(missing_ok=True)
    with pytest.raises(NeedleError, match="train has 3 examples, the published train split has"):
        read_raw(task, tmp_path)
    (tmp_path / task / root / classes[0] / f"{names[0]}.jpg").unlink()
    (tmp_path / task / root / classes[0]).rmdir()
    with pytest.raises(NeedleError, match=f"has no folder {classes[0]}; get"):
        read_raw(task, tmp_path)


def test_no_files_at_all(tmp_path):
    (tmp_path / "resisc45").mkdir()
    with pytest.raises(NeedleError, match=r"NWPU-RESISC45\.zip: no such file; get"):
        read_raw("resisc45", tmp_path)
