"""The downstream tasks: form, determinism, and labels checked against the pictures."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from needle.base.seeds import generator
from needle.tasks.mini import natural, specialized, structured
from needle.tasks.mini.canvas import to_uint8
from needle.tasks.mini.tasks import TASKS, render_task

GROUPS = {
    "natural": {"digits", "symbols", "scenes"},
    "specialized": {"ihc", "retina"},
    "structured": {"dspr_loc", "dspr_ori", "count", "distance"},
}


def digest(splits):
    return hashlib.sha256(
        b"".join(array.tobytes() for pair in splits.values() for array in pair)
    ).hexdigest()


def test_groups():
    for group, names in GROUPS.items():
        assert {name for name, task in TASKS.items() if task.group == group} == names
    assert all(len(set(task.classes)) == len(task.classes) for task in TASKS.values())
    assert all(task.description.endswith(".") for task in TASKS.values())


@pytest.mark.parametrize("name", TASKS)
def test_form_and_classes(name):
    splits = render_task(name, seed=11)
    counts = {"train": 800, "val": 200, "test": 797 if name == "digits" else 2000}
    assert {split: len(labels) for split, (_, labels) in splits.items()} == counts
    classes = len(TASKS[name].classes)
    for images, labels in splits.values():
        assert images.shape == (len(labels), 3, 32, 32)
        assert images.dtype == np.uint8
        assert labels.dtype == np.int64
        assert labels.min() >= 0
        assert labels.max() < classes
        # No class is so frequent that always naming it would look like a skill.
        assert np.bincount(labels).max() < 2.4 * len(labels) / classes
    present = np.bincount(splits["train"][1], minlength=classes)
    assert present.min() > 0.4 * 800 / classes
    flat = np.concatenate([images.reshape(len(images), -1) for images, _ in splits.values()])
    # A few crops of a clear sky are white all over.
    assert len(np.unique(flat, axis=0)) > 0.95 * len(flat)


@pytest.mark.parametrize("name", TASKS)
def test_bytes_depend_on_the_seed_alone(name, monkeypatch):
    monkeypatch.setitem(TASKS, name, replace(TASKS[name], test_count=50))
    first = render_task(name, seed=1)
    other = render_task(name, seed=2)
    assert digest(render_task(name, seed=1)) == digest(first)
    for split, (images, _) in first.items():
        assert not np.array_equal(images, other[split][0])
        # Splits are not the same draws either.
        assert all(not np.array_equal(images[:50], first[s][0][:50]) for s in first if s != split)


def test_unknown_task():
    with pytest.raises(ValueError, match="digits, symbols, scenes, ihc"):
        render_task("digit", seed=0)


def test_digit_pools_are_disjoint_and_complete():
    pools = natural.digit_pools()
    assert {split: len(pool) for split, pool in pools.items()} == {
        "train": 800,
        "val": 200,
        "test": 797,
    }
    assert sorted(np.concatenate(list(pools.values()))) == list(range(1797))


def test_digits_are_those_of_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets")
    source = datasets.load_digits()
    tiles, values = natural.handwritten_digits()
    assert (values == source.target).all()
    small = tiles[:, 8:-8, 8:-8].reshape(-1, 8, 6, 8, 6).mean(axis=(2, 4))
    # The average of an enlarged digit is the digit, but for the smoothing of its edges.
    assert np.corrcoef(small.ravel(), source.images.ravel())[0, 1] > 0.98
    _, labels = render_task("digits", seed=2)["test"]
    assert (labels == source.target[natural.digit_pools()["test"]]).all()


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_digits_of_other_splits_are_never_drawn(split, monkeypatch):
    count = len(natural.digit_pools()[split])
    before = natural.draw_digits(generator(0, "t"), split, count)
    tiles, values = natural.handwritten_digits()
    own = np.isin(np.arange(len(values)), natural.digit_pools()[split])
    for changed, same in ((~own, True), (own, False)):
        spoiled = np.where(changed[:, None, None], 1 - tiles, tiles)
        monkeypatch.setattr(natural, "handwritten_digits", lambda s=spoiled: (s, values))
        after = natural.draw_digits(generator(0, "t"), split, count)
        assert np.array_equal(before[0], after[0]) == same


def brightness(draw, count):
    images, labels = draw(generator(0, "t"), "train", count)
    return to_uint8(images)[:, 0].astype(float), labels


AXIS = (np.arange(32) + 0.5) / 16 - 1


def distances_between(objects):
    dx = objects.x[:, :, None] - objects.x[:, None]
    dy = objects.y[:, :, None] - objects.y[:, None]
    return np.hypot(dx, dy) + np.where(np.eye(10), np.inf, 0)


def test_location_is_the_centroid():
    weight, labels = brightness(structured.draw_locations, 1000)
    centroid = (weight * AXIS).sum(axis=(1, 2)) / weight.sum(axis=(1, 2))
    width = 1.3 / 16
    middle = -0.65 + width * (labels + 0.5)
    assert np.abs(centroid - middle).max() < width / 2 + 0.01
    edge = np.ones((32, 32), bool)
    edge[1:-1, 1:-1] = False
    assert weight[:, edge].max() < 128


def test_orientation_is_the_long_axis():
    weight, labels = brightness(structured.draw_orientations, 1000)
    total = weight.sum(axis=(1, 2))
    x, y = np.broadcast_to(AXIS, (32, 32)), np.broadcast_to(AXIS[:, None], (32, 32))
    dx = x - ((weight * x).sum(axis=(1, 2)) / total)[:, None, None]
    dy = y - ((weight * y).sum(axis=(1, 2)) / total)[:, None, None]
    xx, yy, xy = ((weight * p).sum(axis=(1, 2)) for p in (dx**2, dy**2, dx * dy))
    angle = np.rad2deg(np.arctan2(2 * xy, xx - yy) / 2)
    middle = (labels + 0.5) * 180 / 16
    error = np.abs((angle - middle + 90) % 180 - 90)
    assert error.max() < 180 / 32 + 1.5


def test_count_is_the_number_of_coloured_things():
    images, labels = structured.draw_counts(generator(0, "t"), "train", 800)
    number = labels + 3
    assert set(number) == set(range(3, 11))
    # The floor is grey and objects are not; neighbours may touch and then are found as one.
    coloured = np.ptp(images, axis=-1) > 0.2
    found = np.array([ndimage.label(picture)[1] for picture in coloured])
    assert (found <= number).all()
    assert (found == number).mean() > 0.6
    # The places are the first thing drawn, so the same generator gives them again.
    objects = structured.place_objects(generator(0, "t"), 800)
    gaps = distances_between(objects)
    gaps[~(objects.shown[:, :, None] & objects.shown[:, None])] = np.inf
    apart = gaps.min(axis=(1, 2)) > 0.5
    assert apart.sum() > 50
    assert (found == number)[apart].all()


def test_objects_do_not_hide_each_other():
    objects = structured.place_objects(generator(0, "t"), 500)
    gaps = distances_between(objects)
    sizes = objects.scale[:, :, None] + objects.scale[:, None]
    assert (gaps > 0.75 * sizes).all()
    assert np.abs(objects.x).max() + objects.scale.max() < 1.1


def test_stain_is_that_of_scikit_image():
    colour = pytest.importorskip("skimage.color")
    picture = specialized.ihc_source().picture
    ours, theirs = specialized.dab_stain(picture), colour.rgb2hed(picture)[..., 2]
    # scikit-image floors black at 1e-6 and this package at one level of 255.
    present = (theirs > 0) & (picture.min(axis=-1) > 0)
    np.testing.assert_allclose(ours[present], -np.log(1e-6) * theirs[present], atol=1e-4)


def test_vessels_are_thin_dark_structures():
    picture = np.full((60, 60, 3), 0.5, np.float32)
    picture[:, 28:32] = 0.3
    picture[:, 40:] = 0.8
    found = specialized.vessel_map(picture)
    assert found[:, 28:32].all()
    assert not found[:, :24].any()
    assert not found[:, 45:].any()


def test_nearer_points_have_larger_labels():
    source = structured.distance_source()
    rng = generator(0, "t")
    cx, cy = structured._distance_centres(rng, source.target, source.regions["test"], 300)
    _, labels = structured.draw_distances(generator(0, "t"), "test", 300)
    disparity = np.array([source.target[round(y), round(x)] for x, y in zip(cx, cy, strict=True)])
    ranges = [disparity[labels == label] for label in range(4)]
    assert all(ranges[k].max() < ranges[k + 1].min() for k in range(3))
