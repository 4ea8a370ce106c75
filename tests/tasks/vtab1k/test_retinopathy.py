"""Retinopathy, on tiny files of Kaggle's formats, and its preprocessing."""

import zlib
from itertools import pairwise

import numpy as np
import pytest
from originals import COUNTS, RULE, check, encoded, shade, zipped
from PIL import Image
from skimage.data import retina

from needle.base.errors import NeedleError
from needle.tasks.vtab1k.images import decode_upright
from needle.tasks.vtab1k.opencv import scale
from needle.tasks.vtab1k.readers import retinopathy
from needle.tasks.vtab1k.registry import read_raw


def fundus(number):
    """A bright disc of its own size on black."""
    y, x = np.ogrid[:90, :120]
    disc = (y - 45) ** 2 + (x - 60) ** 2 < (30 + number) ** 2
    return np.where(disc[..., None], shade(100 + number, (90, 120)), np.uint8(0))


@pytest.fixture
def retinopathy_root(tmp_path):
    folder = tmp_path / "diabetic_retinopathy"
    folder.mkdir()
    rows = [(f"{i}_{eye}", i % 5) for i in range(1, 5) for eye in ("left", "right")]
    table = "".join(f"{key},{level}\n" for key, level in rows)
    (folder / "trainLabels.csv").write_text("image,level\n" + table)
    usages = ("Public", "Private", "Private")
    lines = [f"{key},{level},{usages[i % 3]}\n" for i, (key, level) in enumerate(rows)]
    (folder / "retinopathy_solution.csv").write_text("image,level,Usage\n" + "".join(lines))
    for offset, part in ((0, "train"), (20, "test")):
        (folder / part).mkdir()
        for i, (key, _) in enumerate(rows):
            data = encoded(fundus(i + offset), "JPEG", quality=95)
            (folder / part / f"{key}.jpeg").write_bytes(data)
    return tmp_path


def retinopathy_sources(root):
    folder = root / "diabetic_retinopathy"
    sources = {"train": {}, "validation": {}, "test": {}}
    for part, file in (("train", "trainLabels.csv"), ("test", "retinopathy_solution.csv")):
        for line in (folder / file).read_text().split()[1:]:
            key, level, *usage = line.split(",")
            split = {"Public": "validation", "Private": "test"}[usage[0]] if usage else "train"
            picture = decode_upright(folder / part / f"{key}.jpeg")
            sources[split][key] = (int(level), retinopathy.graham(picture))
    return sources


def test_retinopathy(retinopathy_root):
    splits = read_raw("diabetic_retinopathy", retinopathy_root, COUNTS)
    check(splits, RULE, retinopathy_sources(retinopathy_root))


def test_retinopathy_from_parts_of_zip_archives(retinopathy_root):
    sources = retinopathy_sources(retinopathy_root)
    folder = retinopathy_root / "diabetic_retinopathy"
    for part in ("train", "test"):
        files = sorted((folder / part).iterdir())
        zipped(folder / f"{part}.zip", {f"{part}/{f.name}": f.read_bytes() for f in files})
        data = (folder / f"{part}.zip").read_bytes()
        bounds = [0, 100, len(data) // 2, len(data)]
        for number, (start, stop) in enumerate(pairwise(bounds), 1):
            (folder / f"{part}.zip.{number:03d}").write_bytes(data[start:stop])
        for file in (*files, folder / f"{part}.zip"):
            file.unlink()
    check(read_raw("diabetic_retinopathy", retinopathy_root, COUNTS), RULE, sources)
    (folder / "test.zip.003").unlink()
    with pytest.raises(NeedleError, match=r"test\.zip: not a readable zip archive"):
        read_raw("diabetic_retinopathy", retinopathy_root, COUNTS)


def test_retinopathy_errors(retinopathy_root):
    folder = retinopathy_root / "diabetic_retinopathy"
    with pytest.raises(NeedleError, match="the published train split has 35126"):
        read_raw("diabetic_retinopathy", retinopathy_root)
    (folder / "test" / "2_right.jpeg").unlink()
    with pytest.raises(NeedleError, match=r"test/2_right\.jpeg is missing"):
        read_raw("diabetic_retinopathy", retinopathy_root, COUNTS)
    (folder / "trainLabels.csv").write_text("image,level\n1_left,5\n")
    with pytest.raises(NeedleError, match=r"trainLabels\.csv: 1_left has no level of 0 to 4"):
        read_raw("diabetic_retinopathy", retinopathy_root, COUNTS)
    (folder / "retinopathy_solution.csv").write_text("image,level\n1_left,4\n")
    with pytest.raises(NeedleError, match="has no columns Usage, image, level"):
        retinopathy._rows(folder, "test")


def test_a_photograph_is_turned_upright_by_its_exif_orientation(retinopathy_root):
    """150 x 112 pixels of an eye of 140, or turned, where its 112 pixels of width are all bright.

    Scaled by 300 / 70 the height becomes 480; turned, all is scaled by 300 / 56 and larger.
    """
    y, x = np.ogrid[:112, :150]
    disc = (y - 55.5) ** 2 + (x - 74.5) ** 2 < 70**2
    eye = np.where(disc[..., None], np.uint8(150), np.uint8(0)).repeat(3, axis=2)
    exif = Image.Exif()
    shapes = []
    for orientation in (1, 6):
        exif[0x112] = orientation
        data = encoded(eye, "JPEG", quality=95, exif=exif)
        (retinopathy_root / "diabetic_retinopathy/train/1_left.jpeg").write_bytes(data)
        train = read_raw("diabetic_retinopathy", retinopathy_root, COUNTS | {"train": 8})["train"]
        shapes.append(train.image(train.keys.index("1_left")).shape)
    assert shapes == [(480, 540, 3), (540, 540, 3)]


def test_graham_on_a_photograph():
    picture = retinopathy.graham(retina())
    assert picture.shape == (540, 540, 3)
    assert picture.dtype == np.uint8
    # Grey outside of the circle, and around grey inside of it.
    np.testing.assert_allclose(picture[:60, :60], 128, atol=3)
    assert abs(picture[135:405, 135:405].mean() - 128) < 3
    assert picture[135:405, 135:405].std() > 10


def test_graham_is_that_of_tfds():
    """Green values on a grid, and checksums: TFDS 4.9.9's own functions, with OpenCV 4.11.0.86.

    The last is of what TensorFlow 2.19.1 decodes of the JPEG that they store.
    """
    expected = [
        [128, 92, 176, 128, 128],
        [36, 116, 120, 16, 124],
        [224, 148, 112, 132, 128],
        [124, 148, 112, 80, 128],
        [128, 120, 156, 144, 128],
    ]
    photograph = retina()
    scaled = scale(photograph, 300 / retinopathy._eye_radius(photograph))
    found = retinopathy._cut_out(retinopathy._subtract_local_mean(scaled))
    assert found[30::120, 30::120, 1].tolist() == expected
    assert zlib.crc32(np.ascontiguousarray(found)) == 1959586778
    assert zlib.crc32(np.ascontiguousarray(retinopathy.graham(photograph))) == 1794126128


def test_graham_does_not_depend_on_the_resolution():
    photograph = retina()
    large = retinopathy.graham(photograph)
    half = np.asarray(Image.fromarray(photograph).resize((705, 705), Image.Resampling.BOX))
    small = retinopathy.graham(half)
    assert small.shape == large.shape
    assert np.corrcoef(small.ravel(), large.ravel())[0, 1] > 0.85


def test_graham_of_a_black_picture_takes_half_its_height_for_the_radius():
    picture = retinopathy.graham(np.zeros((100, 150, 3), np.uint8))
    np.testing.assert_array_equal(picture, np.full((540, 540, 3), 128))


def test_graham_of_a_cut_eye_is_lower():
    assert retinopathy.graham(retina()[300:1100]).shape[0] < 540
