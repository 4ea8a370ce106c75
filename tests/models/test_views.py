"""What a model sees of a picture: timm's own transform is the independent computation."""

import numpy as np
import pytest
import timm.data
import torch
from PIL import Image

from needle.base.errors import NeedleError
from needle.models.inputs import stored_side
from needle.models.views import FixedView, OwnView, view_of
from needle.tasks.examples import Examples
from needle.tasks.own.pictures import ShorterSide
from needle.tasks.task_file import Task, write_pictures, write_task

CARD = {"name": "m", "input_size": 64, "interpolation": "bicubic", "crop_pct": 0.875,
        "crop_mode": "center"}  # fmt: skip
SHAPES = [(80, 120), (73, 73), (30, 45), (150, 74), (61, 200)]


def picture(height, width):
    """Smooth colours with a little noise, as photographs have."""
    y, x = np.mgrid[:height, :width] / max(height, width)
    waves = np.stack([np.sin(7 * x), np.cos(9 * y), np.sin(5 * (x + y))], axis=-1)
    noise = np.random.default_rng(height).normal(0, 4, waves.shape)
    return (127 + 110 * waves + noise).clip(0, 255).astype(np.uint8)


@pytest.fixture
def task(tmp_path):
    pictures = [picture(*shape) for shape in SHAPES]
    examples = Examples(range(5), np.arange(5) % 2, lambda i: pictures[i])
    path = tmp_path / "task.safetensors"
    write_pictures(path, dict.fromkeys(("train", "val", "test"), examples),
                   {"name": "data", "classes": ["a", "b"]})  # fmt: skip
    return Task(path)


@pytest.mark.parametrize("crop_mode", ["center", "squash"])
@pytest.mark.parametrize("crop_pct", [0.875, 1.0])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_a_model_sees_what_timm_would_show_it(task, interpolation, crop_pct, crop_mode):
    card = CARD | {"interpolation": interpolation, "crop_pct": crop_pct, "crop_mode": crop_mode}
    view = view_of(task, card)
    seen = view(task.images("train", 0, 5), "cpu")
    assert seen.shape == (5, 3, 64, 64)
    assert seen.dtype == torch.uint8
    transform = timm.data.create_transform(**view.preprocessing(), mean=(0, 0, 0), std=(1, 1, 1))
    for image, shape in zip(seen, SHAPES, strict=True):
        theirs = transform(Image.fromarray(picture(*shape))) * 255
        # Pillow rounds after each of two passes, torch at the end.
        assert (image - theirs).abs().max() <= 2
        assert (image - theirs).abs().mean() < 0.3


def test_what_is_stored_small_is_nearly_what_the_whole_picture_shows():
    """A picture is made smaller twice: once as it is stored, once for the model."""
    image = Image.fromarray(picture(900, 1200))
    stored = ShorterSide(stored_side([CARD, CARD | {"input_size": 96}]))(image)
    assert min(stored.size) == 109
    view = OwnView(64, "bicubic", 0.875, "center")
    twice, once = (view([np.array(each)], "cpu").float() for each in (stored, image))
    assert (twice - once).abs().mean() < 2


def test_fewer_pixels_are_a_multiple_of_what_the_model_takes(task):
    assert view_of(task, CARD, most=50, granularity=16).size == 48
    assert view_of(task, CARD, most=50, granularity=14).size == 42
    assert view_of(task, CARD, most=10, granularity=16).size == 16
    assert view_of(task, CARD, most=100, granularity=14).size == 64  # the model's own


def test_a_fine_tuned_model_sees_pictures_as_in_its_training(task):
    view = view_of(task, CARD, most=50, granularity=16)
    assert view_of(task, CARD | {"preprocessing": view.preprocessing()}) == view


def test_a_card_that_does_not_say_how_its_model_takes_pictures_is_refused(task):
    card = {name: value for name, value in CARD.items() if not name.startswith("crop")}
    with pytest.raises(NeedleError, match=r"model m: its card has no crop_pct, crop_mode, by"):
        view_of(task, card)


def test_a_benchmark_shows_every_model_the_same(tmp_path):
    images = np.zeros((2, 3, 16, 16), np.uint8), np.array([0, 1])
    write_task(tmp_path / "t", dict.fromkeys(("train", "val", "test"), images),
               {"name": "t", "classes": ["a", "b"]}, size=32)  # fmt: skip
    task = Task(tmp_path / "t")
    assert view_of(task, CARD, most=8) == FixedView(32)
    assert view_of(task, CARD)(task.images("val", 0, 2), "cpu").shape == (2, 3, 32, 32)
