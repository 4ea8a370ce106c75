"""No pixel of a photograph is shown in two splits, and no domain shares one with a task."""

import numpy as np
import pytest

from needle.base.seeds import generator
from needle.tasks.mini import domains, natural, specialized, structured
from needle.tasks.mini.photographs import crops, photograph, reach
from needle.tasks.mini.regions import random_centres, split_regions

SOURCES = {
    "ihc": (specialized, specialized.ihc_source, specialized.draw_ihc),
    "retina": (specialized, specialized.retina_source, specialized.draw_retina),
    "distance": (structured, structured.distance_source, structured.draw_distances),
}
SPLITS = ("train", "val", "test")
CODES = {"train": 0.25, "val": 0.5, "test": 1.0}


@pytest.fixture(autouse=True)
def fresh_caches():
    caches = [natural.scene_sources, *(source for _, source, _ in SOURCES.values())]
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def paint(regions, shape):
    """Return a picture whose pixels say which split they belong to (0 is none)."""
    picture = np.zeros(shape, np.float32)
    for split, boxes in regions.items():
        for box in boxes:
            part = picture[box.top : box.bottom, box.left : box.right]
            assert part.shape == (box.bottom - box.top, box.right - box.left)
            assert not part.any()
            part[:] = CODES[split]
    return picture


def as_photograph(code, shape):
    """Enlarge a region code to a picture's full resolution, if its source is reduced."""
    factor = shape[0] // code.shape[0]
    full = np.kron(code, np.ones((factor, factor), np.float32))
    margins = [(0, length - size) for length, size in zip(shape, full.shape, strict=False)]
    return np.repeat(np.pad(full, margins)[..., None], 3, axis=-1)


def name_of(task):
    names = {"ihc": "ihc.png", "retina": "retina.jpg", "distance": "motorcycle_left.png"}
    return names[task]


@pytest.mark.parametrize("task", SOURCES)
def test_crops_stay_in_their_region(task, monkeypatch):
    module, source, draw = SOURCES[task]
    original = photograph(name_of(task))
    code = paint(source().regions, source().picture.shape[:2])
    coded = as_photograph(code, original.shape)
    monkeypatch.setattr(module, "photograph", lambda name: coded)
    monkeypatch.setattr(module, "photometric_jitter", lambda rng, images: images)
    source.cache_clear()
    for split in SPLITS:
        images, _ = draw(generator(0, "t", split), split, 800)
        np.testing.assert_allclose(images, CODES[split], atol=1e-6)


def test_scenes_stay_in_their_region(monkeypatch):
    coded = []
    for picture, regions in natural.scene_sources():
        code = paint(regions, picture.shape[:2])
        coded.append((np.repeat(code[..., None], 3, axis=-1), regions))
    monkeypatch.setattr(natural, "scene_sources", lambda: coded)
    monkeypatch.setattr(natural, "photometric_jitter", lambda rng, images: images)
    for split in SPLITS:
        images, _ = natural.draw_scenes(generator(0, "t", split), split, 2000)
        np.testing.assert_allclose(images, CODES[split], atol=1e-6)


def test_halves_of_a_scene_share_no_rows():
    for upper, lower in ((0, 1), (2, 3), (4, 5)):
        last = max(box.bottom for box in natural.scene_sources()[upper][1]["train"])
        first = min(box.top for box in natural.scene_sources()[lower][1]["train"])
        assert last <= first


@pytest.mark.parametrize("task", SOURCES)
@pytest.mark.parametrize(
    ("split", "spoiled"), [("train", ("val", "test")), ("val", ("test",)), ("test", ("val",))]
)
def test_other_splits_change_neither_pictures_nor_labels(task, split, spoiled, monkeypatch):
    module, source, draw = SOURCES[task]
    before = draw(generator(0, "t"), split, 200)
    original = photograph(name_of(task))
    code = paint(source().regions, source().picture.shape[:2])
    other = np.isin(as_photograph(code, original.shape), [CODES[s] for s in spoiled])
    noise = generator(0, "noise").random(original.shape, dtype=np.float32)
    monkeypatch.setattr(module, "photograph", lambda name: np.where(other, noise, original))
    if task == "distance":
        disparity = np.where(other[..., 0], 60 * noise[..., 0], structured._disparity())
        monkeypatch.setattr(structured, "_disparity", lambda: disparity)
    source.cache_clear()
    after = draw(generator(0, "t"), split, 200)
    assert np.array_equal(before[0], after[0])
    assert np.array_equal(before[1], after[1])
    assert not np.array_equal(before[0], draw(generator(0, "t"), spoiled[0], 200)[0])


@pytest.mark.parametrize("rotated", [False, True])
def test_tightest_box(rotated):
    zoom = np.full(2000, 1.3)
    far = reach(zoom, rotated)
    size = int(np.ceil(2 * far[0])) + 3
    boxes = split_regions((5, 5 + size + 4), 3 * 100, guard=4)["train"]
    box = boxes[0]._replace(left=20, right=20 + size)
    rng = generator(0, "t")
    centres = random_centres(rng, [box], far)
    angle = rng.choice(np.pi * np.array([0.25, 0.75, 1.25, 1.75]), 2000) if rotated else [0.0]
    picture = np.zeros((100, 100), np.float32)
    picture[box.top : box.bottom, box.left : box.right] = 1
    np.testing.assert_allclose(crops(picture, *centres, zoom, angle), 1, atol=1e-6)
    with pytest.raises(ValueError, match="do not fit"):
        random_centres(rng, [box._replace(right=box.right - 2)], far)


def test_crop_of_a_ramp_is_where_it_should_be():
    ramp = np.arange(100, dtype=np.float32)[None, :] + 1000 * np.arange(90)[:, None]
    (crop,) = crops(ramp.astype(np.float32), [40.0], [50.0], [2.0])
    rows = 50 + 2 * (np.arange(32) - 15.5)
    columns = 40 + 2 * (np.arange(32) - 15.5)
    np.testing.assert_allclose(crop, 1000 * rows[:, None] + columns, rtol=1e-5)


def test_domains_and_tasks_share_no_photograph(monkeypatch):
    seen = set()

    def spy(name):
        seen.add(name)
        return photograph(name)

    for module in (natural, specialized, structured):
        monkeypatch.setattr(module, "photograph", spy)
    natural.scene_sources()
    for _, source, _ in SOURCES.values():
        source()
    assert {"ihc.png", "retina.jpg", "motorcycle_left.png", "moon.png"} <= seen
    assert seen.isdisjoint(domains.PHOTOGRAPHS)


def test_missing_picture():
    with pytest.raises(FileNotFoundError, match="no file data/nothing"):
        photograph("nothing.png")
