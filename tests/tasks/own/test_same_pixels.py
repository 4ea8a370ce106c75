"""The same pixels in other bytes are one picture; nearly the same ones are noted."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance, PngImagePlugin

from made import keys, paint, refusal
from needle.tasks.own.checks import Candidate
from needle.tasks.own.duplicates import Pixels
from needle.tasks.own.near_copies import near_copies, thumbnail
from needle.tasks.own.pictures import ShorterSide, Square
from needle.tasks.own.prepare import DEFAULTS, prepare
from needle.tasks.own.problems import Problem


def scene(seed, side=80):
    """A picture of soft blobs, unlike any of another seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)


def save(picture, path, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **how)


def scenes(root, counts, start=0):
    """As `paint` does, each picture a scene of its own."""
    for label, (name, count) in enumerate(counts.items()):
        for number in range(start, start + count):
            save(scene([label, number]), root / name / f"{number:03}.png")


def noted(data):
    """Problems but for what was noted of a class that is missing."""
    return [(p.path, p.problem, p.action) for p in data.problems]


def with_note(text):
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", text)
    return {"pnginfo": info}


OTHER_BYTES = {
    "other metadata.png": with_note("elsewhere"),
    "other compression.png": {"compress_level": 0},
    "other format.bmp": {},
    "other format.tif": {},
    "with a palette.webp": {"lossless": True},
}


@pytest.mark.parametrize("name", OTHER_BYTES)
def test_the_same_pixels_are_removed_from_test(tmp_path, name):
    for start, split in enumerate(("train", "test")):
        scenes(tmp_path / split, {"a": 15, "b": 15}, start=100 * start)
    save(scene([0, 3]), tmp_path / "test/a" / name, **OTHER_BYTES[name])
    data = prepare(tmp_path, 1, Square(32))
    assert noted(data) == [(f"test/a/{name}", "same pixels as train/a/003.png", "removed")]
    assert len(keys(data)) == 60
    assert data.counts[0] == {"class": "a", "found": 31, "train": 12, "val": 3, "test": 15,
                              "removed": 1, "skipped": 0}  # fmt: skip


def test_of_the_same_pixels_in_two_classes_none_stays_and_others_are_drawn(tmp_path):
    scenes(tmp_path, {"a": 40, "b": 40})
    save(scene([0, 3]), tmp_path / "b/copy.png", **with_note("elsewhere"))
    data = prepare(tmp_path, 1, Square(32))
    assert noted(data) == [
        ("a/003.png", "contradicting labels: same pixels as b/copy.png, which is of class b",
         "removed"),
        ("b/copy.png", "contradicting labels: same pixels as a/003.png, which is of class a",
         "removed"),
    ]  # fmt: skip
    assert not {"a/003.png", "b/copy.png"} & set(keys(data))
    assert len(keys(data)) == 79


def test_a_picture_whose_pixels_are_in_use_is_replaced(tmp_path):
    scenes(tmp_path, {"a": 30, "b": 30})
    for number in range(30):
        save(scene([0, 0]), tmp_path / f"a/copy{number}.png", **with_note(str(number)))
    limits = DEFAULTS | {"max": 20, "max_test": 10, "max_unreadable": 0.9}
    data = prepare(tmp_path, 1, Square(32), limits, threads=3)
    assert len(keys(data)) == 30
    is_copy = [key for key in keys(data) if "copy" in key or key == "a/000.png"]
    assert len(is_copy) == 1
    assert data.rows == prepare(tmp_path, 1, Square(32), limits).rows


def test_pixels_by_hand():
    def use(*places, val=False):
        every = [Candidate(f"{n}", label, split) for n, (split, label) in enumerate(places)]
        pixels = Pixels([*every, *([Candidate("v", "a", "val")] if val else [])])
        return [sorted(c.path for c in pixels.add(candidate, b"same")) for candidate in every]

    assert use(("", "a"), ("", "a"), ("", "a")) == [[], ["1"], ["2"]]
    assert use(("", "a"), ("", "b"), ("", "a")) == [[], ["0", "1"], ["2"]]
    assert use(("train", "a"), ("test", "a"), ("test", "b")) == [[], ["1"], ["2"]]
    # Splits that are given: copies inside one stay, whatever their labels.
    assert use(("test", "a"), ("test", "b")) == [[], []]
    assert use(("train", "a"), ("train", "b"), val=True) == [[], []]
    assert use(("train", "a"), ("train", "b")) == [[], ["0", "1"]]


def test_pictures_of_another_shape_are_not_the_same(tmp_path):
    for number in range(10):
        for label, size in (("a", (20, 10)), ("b", (10, 20))):
            save(Image.new("RGB", size, (number, 0, 0)), tmp_path / label / f"{number}.png")
    assert len(keys(prepare(tmp_path, 1, ShorterSide(8)))) == 20


# Nearly the same


def jpeg(picture, quality):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def add_noise(picture):
    noise = np.random.default_rng(0).normal(0, 8, (picture.height, picture.width, 3))
    return Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))


NEAR = {
    "saved again": lambda picture: jpeg(picture, 30),
    "smaller": lambda picture: picture.resize((40, 40)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.2),
    "the next frame": lambda picture: picture.rotate(1, Image.Resampling.BICUBIC),
    "grainy": add_noise,
}
FAR = {
    "another": lambda picture: scene(99),
    "mirrored": lambda picture: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "upside down": lambda picture: picture.rotate(180),
    "a part": lambda picture: picture.crop((10, 10, 60, 60)),
    "plain": lambda picture: Image.new("RGB", picture.size, "grey"),
}


def likeness(one, other):
    return float(thumbnail(np.asarray(one)) @ thumbnail(np.asarray(other)))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("change", [*NEAR, *FAR])
def test_what_is_nearly_the_same(seed, change):
    part, seen = [(Candidate("t", "a", "test"), 0)], [(Candidate("s", "a", "train"), 1)]
    pictures = [scene(seed), (NEAR | FAR)[change](scene(seed))]
    found = {"train": seen, "val": [], "test": part}
    notes, pairs = near_copies(found, [thumbnail(np.asarray(p)) for p in pictures])
    assert len(notes) == len(pairs) == (change in NEAR)


def test_thumbnails_by_hand():
    checks = np.kron(np.array([[0, 200], [200, 0]], np.uint8), np.ones((16, 16), np.uint8))
    values = thumbnail(np.repeat(checks[:, :, None], 3, axis=2))
    assert np.unique(np.abs(values)) == pytest.approx([3072**-0.5])
    assert likeness(scene(1), scene(1)) == pytest.approx(1, abs=1e-5)
    assert not thumbnail(np.full((50, 40, 3), 7, np.uint8)).any()


def test_near_copies_are_noted_and_stay(tmp_path):
    for start, split in enumerate(("train", "val", "test")):
        scenes(tmp_path / split, {"a": 6, "b": 6}, start=100 * start)
    save(jpeg(scene([0, 2]), 40), tmp_path / "test/a/again.png")
    save(jpeg(scene([1, 104]), 40), tmp_path / "test/b/again.png")
    save(jpeg(scene([1, 3]), 40), tmp_path / "val/b/again.png")
    data = prepare(tmp_path, 1, Square(32))
    advice = ("): the accuracy is too high if new pictures are not as close; keep such pictures in "
              "one split")  # fmt: skip
    assert data.problems == [
        Problem("", "1 picture of val has a near copy in train (such as val/b/again.png and "
                "train/b/003.png" + advice, "noted"),
        Problem("", "2 pictures of test have near copies in train or val (such as "
                "test/a/again.png and train/a/002.png, test/b/again.png and val/b/104.png" + advice,
                "noted"),
        Problem("val/b/again.png", "nearly the same as train/b/003.png", "noted"),
        Problem("test/a/again.png", "nearly the same as train/a/002.png", "noted"),
        Problem("test/b/again.png", "nearly the same as val/b/104.png", "noted"),
    ]  # fmt: skip
    assert len(keys(data)) == 39


def test_plain_pictures_are_not_nearly_the_same(tmp_path):
    paint(tmp_path, {"a": 20, "b": 20})
    assert prepare(tmp_path, 1, Square(4)).problems == []


def test_dark_pictures_of_12_bits_are_no_copies(tmp_path):
    """What is wrong is said, not what follows from it."""
    for label in "ab":
        for number in range(10):
            values = np.full((8, 8), number + 20 * (label == "b"), np.uint16)
            save(Image.fromarray(values), tmp_path / label / f"{number}.png")
    lines = refusal(tmp_path)
    assert len(lines) == 1
    assert "8 bits in files of 16" in lines[0]
