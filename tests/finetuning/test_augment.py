"""Augmentation: what becomes of pictures that say what was done to them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from needle.finetuning.augment import augmentation
from needle.finetuning.keep import FORBIDS, allowed

ALL = {"crop": 0.5, "flip": True, "colour": 0.2}


def augmented(images, seed=0, keep=(), **settings):
    torch.manual_seed(seed)
    return augmentation({"augment": settings}, keep)(images)


def coordinates(count, height, width):
    """Pictures whose red is the column and whose green is the row of each pixel."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    picture = torch.stack([columns, rows, torch.zeros_like(rows)]).to(torch.uint8)
    return picture.expand(count, -1, -1, -1)


def noise(*shape):
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator())


def test_without_settings_or_where_all_is_forbidden_there_is_none():
    assert augmentation({}) is None
    assert augmentation({"augment": {"flip": False}}) is None
    assert augmentation({"augment": {"crop": 0.5, "flip": True}}, ["position"]) is None


def test_a_flip_mirrors_some_pictures_exactly_and_leaves_the_others():
    images = noise(200, 3, 6, 8)
    seen = augmented(images, flip=True)
    mirrored = (seen - images.flip(3)).flatten(1).abs().amax(1) < 1e-3
    same = (seen - images).flatten(1).abs().amax(1) < 1e-3
    assert (mirrored ^ same).all()
    assert 60 < mirrored.sum() < 140  # half of them, by six standard deviations


def test_a_crop_keeps_the_shape_and_what_is_in_it():
    """Of pictures of coordinates: where each begins, and how far apart neighbours are."""
    images = coordinates(300, 40, 80)
    seen = augmented(images, crop=0.5)
    assert seen.shape == images.shape
    assert seen.dtype == torch.float32
    # Away from the edge, where bilinear interpolation has nothing to look at.
    x, y = seen[:, 0, 20, 5:-5], seen[:, 1, 5:-5, 40]
    across, down = x.diff(dim=1), y.diff(dim=1)
    assert (across >= 0).all()
    torch.testing.assert_close(across, across[:, :1].expand_as(across), atol=1e-3, rtol=0)
    # Sides of the crop, as shares of the picture's: whole pixels of 40 and 80.
    widths, heights = across[:, 0], down[:, 0]
    assert (widths - heights).abs().max() <= 1.5 / 40
    areas = widths * heights
    assert 0.47 < areas.min() < 0.6
    assert 0.9 < areas.max() < 1.01
    assert len(widths.unique()) > 10
    # All of what is seen is of the picture, up to both of its edges.
    assert x[:, 0].min() < 6
    assert x[:, -1].max() > 73


def test_colours_by_hand_on_pictures_of_one_colour():
    """A grey of 100 has no contrast and no saturation: only its brightness changes."""
    grey = torch.full((100, 3, 4, 4), 100, dtype=torch.uint8)
    seen = augmented(grey, colour=0.2)
    assert (seen - seen[:, :1, :1, :1]).abs().max() < 1e-3  # still grey and flat
    values = seen[:, 0, 0, 0]
    assert ((values > 80 - 1e-3) & (values < 120 + 1e-3)).all()
    assert values.std() > 8  # uniform: 40 / sqrt(12) = 11.5
    # Of a picture of two greys around 100, brightness b and contrast c: 100 b +- 20 b c.
    halves = torch.tensor([80, 120], dtype=torch.uint8).view(1, 1, 1, 2).expand(100, 3, 4, 2)
    seen = augmented(halves, colour=0.2)
    contrast = (seen[..., 1] - seen[..., 0]) / (seen[..., 1] + seen[..., 0]) / 0.2
    assert contrast.min() > 0.8 - 1e-3
    assert contrast.max() < 1.2 + 1e-3
    assert contrast.std() > 0.08


@given(
    height=st.integers(8, 20), width=st.integers(8, 20), count=st.integers(1, 5),
    settings=st.fixed_dictionaries({}, optional={
        "crop": st.floats(0.2, 0.99), "flip": st.just(True), "colour": st.floats(0.01, 0.9)}),
    keep=st.sets(st.sampled_from(sorted(FORBIDS))), seed=st.integers(0, 99),
)  # fmt: skip
def test_whatever_is_done_it_is_repeatable_and_in_range(
    height, width, count, settings, keep, seed
):  # fmt: skip
    images = noise(count, 3, height, width)
    augment = augmentation({"augment": settings}, keep)
    if not settings.keys() - set().union(*(FORBIDS[word] for word in keep)):
        assert augment is None
        return
    seen = augmented(images, seed, keep, **settings)
    assert seen.shape == images.shape
    assert seen.min() >= 0
    assert seen.max() <= 255 + 1e-3
    assert torch.equal(seen, augmented(images, seed, keep, **settings))


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        ([], {"crop", "flip", "colour"}),
        (["position"], {"colour"}),
        (["orientation"], {"crop", "colour"}),
        (["letters"], {"crop", "colour"}),
        (["counting"], {"flip", "colour"}),
        (["colour"], {"crop", "flip"}),
        (["letters", "counting"], {"colour"}),
        (list(FORBIDS), set()),
    ],
)
def test_what_must_stay_forbids(keep, left):
    assert allowed(ALL, keep).keys() == left


def test_pictures_are_drawn_each_by_itself_and_anew_each_time():
    images = coordinates(50, 16, 16)
    augment = augmentation({"augment": {"crop": 0.5}})
    torch.manual_seed(3)
    first, second = augment(images), augment(images)
    assert not torch.equal(first, second)
    assert len({tuple(picture.flatten().tolist()) for picture in first}) > 25
