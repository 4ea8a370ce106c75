"""The reader of SUN397, on tiny files in the original formats."""

import numpy as np
import pytest
from originals import contents, grey, tar
from PIL import Image

from needle.base.errors import NeedleError
from needle.tasks.vtab1k.readers import sun397
from needle.tasks.vtab1k.registry import read_raw


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
    exif = Image.Exif()
    exif[0x112] = 6
    (tmp_path / f"sun397/SUN397{train[0]}").write_bytes(grey(60, exif=exif))
    assert read_raw("sun397", tmp_path, counts={})["train"].image(0).shape == (5, 4, 3)
    (tmp_path / f"sun397/SUN397{train[0]}").write_bytes(b"damaged")
    with pytest.raises(NeedleError, match=r"\.jpg: not a readable image"):
        read_raw("sun397", tmp_path, counts={})["train"].image(0)


def test_sun397_images_have_120_000_pixels_at_most():
    small = np.full((300, 400, 3), 30, np.uint8)
    assert sun397.as_stored(small).shape == (300, 400, 3)
    assert sun397.as_stored(np.full((757, 1003, 3), 30, np.uint8)).shape == (301, 399, 3)
