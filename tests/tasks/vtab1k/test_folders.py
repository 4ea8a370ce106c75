"""The community's VTAB-1K folder."""

import zipfile

import numpy as np
import pytest
from PIL import Image

from needle.base.errors import NeedleError
from needle.tasks.vtab1k import folder

SPLITS = ("train", "val", "test")
COUNTS = {"train": 6, "val": 3, "test": 4}
NAMES = {"train": "train800", "val": "val200", "test": "test"}


def save(path, colour, size=(5, 4)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, tuple(colour)).save(path)


def colour(split, number):
    return (10 * SPLITS.index(split), number, 200)


def is_coloured(image, expected):
    return image.dtype == np.uint8 and (image == np.array(expected, np.uint8)).all()


@pytest.fixture
def shared(tmp_path):
    """A VTAB-1K folder with the task `cifar`, in PNG so that colours are exact."""
    base = tmp_path / "vtab-1k" / "cifar"
    for split, count in COUNTS.items():
        lines = []
        for i in range(count):
            file = f"images/{NAMES[split]}/{i:06d}.png"
            save(base / file, colour(split, i))
            lines.append(f"{file} {(7 * i + 3) % 5}\n")
        (base / f"{NAMES[split]}.txt").write_text("".join(lines))
    return tmp_path / "vtab-1k"


def zip_of(root, top):
    path = root.parent / "vtab.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(root.rglob("*.*")):
            archive.write(file, top + file.relative_to(root).as_posix())
    return path


def check_shared(splits):
    assert list(splits) == list(SPLITS)
    for split, examples in splits.items():
        count = COUNTS[split]
        assert examples.keys == [f"images/{NAMES[split]}/{i:06d}.png" for i in range(count)]
        assert examples.labels.dtype == np.int64
        assert examples.labels.tolist() == [(7 * i + 3) % 5 for i in range(count)]
        assert all(is_coloured(examples.image(i), colour(split, i)) for i in range(count))
        assert examples.image(0).shape == (4, 5, 3)


def test_the_shared_folder(shared):
    check_shared(folder.read(shared, "cifar"))
    check_shared(folder.read(shared.parent, "cifar", classes=5))


@pytest.mark.parametrize("top", ["", "vtab-1k/"])
def test_a_zip_archive_of_the_shared_folder(shared, top):
    check_shared(folder.read(zip_of(shared, top), "cifar"))


def test_an_alias_of_a_task(shared):
    (shared / "cifar").rename(shared / "cifar100")
    check_shared(folder.read(shared, "cifar", ("cifar100",)))
    with pytest.raises(NeedleError, match=r"has no folder cifar with train800\.txt"):
        folder.read(shared, "cifar")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("images/train800/000000.png", "is not a path and a label"),
        ("images/train800/000000.png -1", "is not a path and a label"),
        ("images/train800/000000.png five", "is not a path and a label"),
        ("images/train800/000000.png 5", r"label 5 of 5 classes \(0 to 4\)"),
        ("../dtd/images/a.png 1", "leads out of the task's folder"),
        ("images/../../a.png 1", "leads out of the task's folder"),
        ("/etc/a.png 1", "leads out of the task's folder"),
        (r"..\a.png 1", "leads out of the task's folder"),
        ("C:/a.png 1", "leads out of the task's folder"),
    ],
)
def test_a_wrong_line_of_a_list(shared, line, problem):
    path = shared / "cifar" / "val200.txt"
    path.write_text(f"{path.read_text()}{line}\n")
    with pytest.raises(NeedleError, match=rf"cifar/val200\.txt, line 4: .*{problem}"):
        folder.read(shared, "cifar", classes=5)


def test_files_missing_from_the_shared_folder(shared):
    image = shared / "cifar" / "images" / "test" / "000002.png"
    image.write_bytes(image.read_bytes()[:40])
    examples = folder.read(shared, "cifar")["test"]
    with pytest.raises(NeedleError, match=r"000002\.png"):
        examples.image(2)
    image.unlink()
    with pytest.raises(NeedleError, match=r"cifar/images/test/000002\.png is missing"):
        folder.read(shared, "cifar")
    (shared / "cifar" / "val200.txt").write_text("\n")
    with pytest.raises(NeedleError, match=r"cifar/val200\.txt lists no images"):
        folder.read(shared, "cifar")
    (shared / "cifar" / "val200.txt").unlink()
    with pytest.raises(NeedleError, match=r"cifar/val200\.txt is missing"):
        folder.read(shared, "cifar")
    with pytest.raises(NeedleError, match="no such folder or zip archive"):
        folder.read(shared / "elsewhere", "cifar")
