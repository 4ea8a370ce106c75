"""Resizing without torch is resizing with torch, to the last bit, on one thread."""

import numpy as np
import pytest
import torch

from needle.tasks.resize import resize


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def by_torch(image, size):
    images = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    resized = torch.nn.functional.interpolate(
        images, (size, size), mode="bilinear", align_corners=False, antialias=False
    )
    return resized[0].round().to(torch.uint8).numpy()


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [
        (400, 500, 224),
        (333, 499, 224),
        (2000, 37, 224),
        (32, 32, 224),  # larger
        (64, 32, 32),  # every second sum is half-way between two integers
        (48, 48, 48),
        (1, 1, 5),
        (3, 700, 1),
    ],
)
def test_equal_to_torch(height, width, size):
    image = np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)
    expected, found = by_torch(image, size), resize(image, size)
    assert found.dtype == np.uint8
    assert found.shape == (3, size, size)
    if torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512"):
        assert (found == expected).all()
    else:  # torch itself rounds a few halves the other way
        assert np.abs(found.astype(int) - expected).max() <= 1
        assert (found != expected).mean() < 1e-3


def test_an_image_need_not_be_contiguous():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    view = image[::-1, 5:25]
    assert not view.flags.c_contiguous
    assert (resize(view, 8) == resize(view.copy(), 8)).all()


def test_an_image_of_the_size_is_only_transposed():
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    assert (resize(image, 16) == image.transpose(2, 0, 1)).all()


def test_halves_go_to_the_even_integer():
    image = np.array([[[0, 1, 2], [1, 2, 3]]], np.uint8)  # means 0.5, 1.5, 2.5
    assert resize(image, 1)[:, 0, 0].tolist() == [0, 2, 2]
