"""The speed of a model: which passes are timed, what the numbers mean, and the memory of a pass."""

import time
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.benchmark import Timer, timer

from needle.embedding import speed
from needle.embedding.speed import measure_speed, peak_bytes
from needle.models.backbones import normalise
from needle.scores.columns import SPEED_COLUMNS
from needle.tasks.examples import Examples
from needle.tasks.task_file import Task, write_pictures, write_task

FLOAT = 4  # bytes
CARD = {"name": "m", "mean": [0.5, 0.4, 0.3], "std": [0.25, 0.2, 0.1]}


class Recorder(torch.nn.Module):
    """Keeps what it is given."""

    def __init__(self):
        super().__init__()
        self.given = []

    def forward(self, images):
        self.given.append(images)
        return images.mean((2, 3))


@pytest.fixture
def task(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (3, 3, 8, 8), np.uint8)
    splits = dict.fromkeys(("train", "val", "test"), (images, np.arange(3) % 2))
    write_task(tmp_path / "t", splits, {"name": "t", "classes": ["x", "y"]})
    return Task(tmp_path / "t")


def measure_with(seconds, task, monkeypatch, most=64):
    """Measure with passes that are said to take some seconds by the size of their batch."""
    sizes = []

    def said(model, images):
        sizes.append(len(images))
        return seconds(len(images))

    monkeypatch.setattr(speed, "_seconds", said)
    return measure_speed(Recorder(), CARD, task, most, "cpu"), sizes


def test_batches_double_until_one_is_long_and_the_fastest_counts(task, monkeypatch):
    found, sizes = measure_with(lambda n: 0.02 + 0.01 * n, task, monkeypatch)
    assert sizes == [1, 2, 4, 8]  # 8 take 0.1 s
    assert found["milliseconds"] == pytest.approx(30)
    assert found["pictures_per_second"] == pytest.approx(80)
    # Larger batches may be slower, such as those that no cache holds.
    found, _ = measure_with(lambda n: 0.001 * n**2, task, monkeypatch)
    assert found["pictures_per_second"] == pytest.approx(1000)


def test_no_batch_is_larger_than_the_memory_has_room_for(task, monkeypatch):
    _, sizes = measure_with(lambda n: 0.001 * n, task, monkeypatch, most=4)
    assert sizes == [1, 2, 4]
    found, sizes = measure_with(lambda n: 2.5, task, monkeypatch)  # one is slow already
    assert sizes == [1]
    assert found["pictures_per_second"] == pytest.approx(0.4)


def test_what_is_measured_has_the_columns_of_the_ranking(task):
    found = measure_speed(Recorder(), CARD, task, 2, "cpu")
    assert list(found) == SPEED_COLUMNS
    assert found["device"] == "one thread of the processor"
    assert found["milliseconds"] > 0


@pytest.mark.parametrize(("kind", "clock"), [("cpu", time.thread_time), ("meta", timer)])
def test_a_wait_for_a_core_does_not_count_and_one_for_a_gpu_does(kind, clock, monkeypatch):
    def made(statement, timer, **others):
        assert timer is clock
        return Timer(statement, timer=time.perf_counter, **others)  # no GPU is waited for here

    monkeypatch.setattr(speed, "Timer", made)
    threads = []
    speed._seconds(
        lambda images: threads.append(torch.get_num_threads()), torch.ones(1, device=kind)
    )
    assert set(threads) == {1}


def test_the_model_sees_a_picture_of_its_own_size_as_it_is_used(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    pictures = Examples(range(3), np.zeros(3, int), lambda index: picture)
    card = {"name": "t", "classes": ["x"]}
    write_pictures(tmp_path / "t", dict.fromkeys(("train", "val", "test"), pictures), card)
    own = {"input_size": 32, "interpolation": "bicubic", "crop_pct": 0.875, "crop_mode": "center"}
    model = Recorder().train()
    measure_speed(model, CARD | own, Task(tmp_path / "t"), 2, "cpu")
    assert not model.training
    assert {images.shape[1:] for images in model.given} == {(3, 32, 32)}
    assert {len(images) for images in model.given} == {1, 2}
    darkest, brightest = (normalise(torch.full((1, 3, 1, 1), n), CARD) for n in (0, 255))
    assert ((darkest <= model.given[0]) & (model.given[0] <= brightest)).all()
    assert all(images.is_inference() or not images.requires_grad for images in model.given)


@given(widths=st.lists(st.integers(1, 9), min_size=2, max_size=6), count=st.integers(1, 4))
def test_the_peak_of_a_chain_of_layers(widths, count):
    """While a layer computes, its input and its output live; the images live all the time."""
    pairs = list(pairwise(widths))
    model = torch.nn.Sequential(*(torch.nn.Linear(*pair) for pair in pairs))
    weights = sum(a * b + b for a, b in pairs)
    outputs = [0, *widths[1:]]  # before the first there is none
    live = max(a + b for a, b in pairwise(outputs))
    expected = FLOAT * (weights + count * (widths[0] + live))
    assert peak_bytes(model, torch.zeros(count, widths[0])) == expected


class Residual(torch.nn.Module):
    """Holds on to its input, has a buffer, a tied weight, a view and changes in place."""

    def __init__(self):
        super().__init__()
        self.one = torch.nn.Linear(4, 4, bias=False)
        self.two = torch.nn.Linear(4, 4, bias=False)
        self.two.weight = self.one.weight
        self.register_buffer("shift", torch.zeros(4))

    def forward(self, images):
        inner = self.two(self.one(images.view(-1, 4)).relu_())
        return inner.add_(images).split(2, dim=1)


def test_tied_weights_views_and_changes_in_place_take_nothing_more():
    images = torch.zeros(5, 4)
    assert peak_bytes(Residual(), images) == FLOAT * (16 + 4 + 3 * 20)


def test_nothing_is_counted_after_it_is_gone():
    model = torch.nn.Sequential(*(torch.nn.Linear(8, 8, bias=False) for _ in range(20)))
    images = torch.zeros(1, 8)
    assert peak_bytes(model, images) == peak_bytes(model, images) == FLOAT * (20 * 64 + 3 * 8)
