"""Readers of image data sets, on tiny files in the original formats, label by label."""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.opencv import scale
from needle.tasks.vtab1k.order import tfds_order
from needle.tasks.vtab1k.readers import dtd, eurosat, flowers, pets, resisc45, sun397
from needle.tasks.vtab1k.registry import raw_classes, read_raw
from needle.tasks.vtab1k.selection import vtab_splits

INDEX = Path(__file__).parents[2] / "data" / "vtab1k_index.json.gz"


@pytest.fixture(scope="module")
def index():
    with gzip.open(INDEX) as file:
        return json.load(file)


def grey(level, size=(5, 4), mode="L", **options):
    """Bytes of an image of one grey, JPEG but for `options`."""
    colour = {"L": level, "RGB": (level,) * 3, "RGBA": (level, level, level, 7)}[mode]
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, **{"format": "JPEG"} | options)
    return file.getvalue()


def tar(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def zipped(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def contents(examples):
    """What each example is: grey level and label by key."""
    for i in range(len(examples)):
        image = examples.image(i)
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3
        assert np.ptp(image) == 0
    assert examples.labels.dtype == np.int64
    levels = [int(examples.image(i)[0, 0, 0]) for i in range(len(examples))]
    return dict(zip(examples.keys, zip(levels, examples.labels.tolist(), strict=True), strict=True))


def in_order(split, keys):
    return [keys[position] for position in tfds_order(split, keys)]


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


def assert_published(splits, published):
    assert splits["train"].keys == published["train800"]
    assert splits["val"].keys == published["val200"]
    assert sorted(splits["test"].keys) == sorted(published["test"])


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
    assert_published(splits, index[task])
    assert splits["test"].keys == index[task]["test"]
    for split in splits.values():
        names = [module.CLASSES[label] for label in split.labels]
        assert all(map(str.startswith, split.keys, (f"{name}_{name}_" for name in names)))


def test_sun397_splits_are_those_of_vtab(tmp_path, index, monkeypatch):
    (tmp_path / "SUN397").mkdir()
    monkeypatch.setattr(Path, "is_file", lambda path: path.is_relative_to(tmp_path / "SUN397"))
    splits = sun397.read(tmp_path, "sun397")
    assert_published(splits, index["sun397"])
    for split in splits.values():
        folders = [sun397.classes("sun397")[label] for label in split.labels]
        assert all(map(str.startswith, split.keys, (f"{folder}/sun_" for folder in folders)))


def test_sun397(tmp_path, index):
    train, val, test = (index["sun397"][split] for split in ("train800", "val200", "test"))
    images = {
        train[0]: grey(60),
        val[0]: grey(80, mode="RGBA", format="PNG"),
        test[1]: grey(100, format="GIF"),
        test[-1]: grey(120, mode="RGB", format="BMP"),
        "/t/track/outdoor/sun_aophkoiosslinihb.jpg": b"cannot be decoded, not in the list",
    }
    tar(tmp_path / "sun397/SUN397.tar.gz", {f"SUN397{key}": images[key] for key in images})
    splits = read_raw("sun397", tmp_path, counts={})
    labels = [sun397.classes("sun397").index(key.rsplit("/", 1)[0]) for key in images]
    assert contents(splits["train"]) == {train[0]: (60, labels[0])}
    assert contents(splits["val"]) == {val[0]: (80, labels[1])}
    assert contents(splits["test"]) == {test[1]: (100, 0), test[-1]: (120, 396)}
    with pytest.raises(NeedleError, match=r"train has 1 examples, the published .* has 800"):
        read_raw("sun397", tmp_path)
    (tmp_path / f"sun397/SUN397{train[0]}").write_bytes(b"damaged")
    with pytest.raises(NeedleError, match=r"\.jpg: not a readable image"):
        read_raw("sun397", tmp_path, counts={})["train"].image(0)


def test_sun397_images_are_upright_and_have_120_000_pixels_at_most():
    small = Image.new("RGB", (400, 300), (10, 20, 30))
    assert sun397.as_stored(small).shape == (300, 400, 3)
    assert sun397.as_stored(small.resize((1003, 757))).shape == (301, 399, 3)
    small.getexif()[0x112] = 6
    assert sun397.as_stored(small).shape == (400, 300, 3)


@pytest.mark.parametrize(
    ("part", "factor", "opencv"),
    [
        (
            np.s_[:],
            np.sqrt(12 / 63),
            [[66, 62, 48, 113], [181, 111, 143, 161], [193, 106, 202, 91]],
        ),
        (np.s_[:2, 1:3], 1.5, [[53, 79, 106], [82, 113, 145], [110, 146, 183]]),
        (np.s_[:2, 1:3], 1.1, [[53, 106], [110, 183]]),
    ],
)
def test_scaling_is_that_of_opencv(part, factor, opencv):
    """Expected: cv2.resize(image, None, fx=factor, fy=factor), opencv-python-headless 5.0.0.93."""
    y, x = np.mgrid[:7, :9]
    image = ((37 * y + 53 * x + y * x % 5 * 20) % 256).astype(np.uint8)[part]
    scaled = scale(np.dstack([image] * 3), factor)
    assert all(scaled[..., channel].tolist() == opencv for channel in range(3))


def test_class_names_are_complete_and_distinct():
    sizes = {
        "dtd": 47, "oxford_flowers102": 102, "oxford_iiit_pet": 37, "sun397": 397, "eurosat": 10,
        "resisc45": 45,
    }  # fmt: skip
    for task, size in sizes.items():
        assert len(raw_classes(task)) == len(set(raw_classes(task))) == size
    assert raw_classes("dtd") == sorted(raw_classes("dtd"))
    assert raw_classes("oxford_iiit_pet") == sorted(raw_classes("oxford_iiit_pet"), key=str.lower)
    assert raw_classes("oxford_flowers102")[76] == "passion flower"
