"""Folds of small data: stratified, whole groups, and every class in every train."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made import paint
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import DEFAULTS, prepare
from needle.tasks.own.splits.folds import ALWAYS_TRAIN, assign_folds, fold_table, plan_folds


@st.composite
def data(draw):
    count = draw(st.integers(2, 80))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    labels = generator.integers(0, draw(st.integers(1, 6)), count)
    groups = [f"g{g}" if g else "" for g in generator.integers(0, draw(st.integers(1, 12)), count)]
    return labels, draw(st.sampled_from([None, groups]))


@settings(deadline=None)
@given(data(), st.integers(2, 8), st.integers(1, 3), st.integers(0, 2**63))
def test_folds_keep_groups_whole_and_every_class_in_train(drawn, folds, repeats, seed):
    labels, groups = drawn
    found = assign_folds(labels, groups, (folds, repeats), seed)
    assert found.shape[1] in (0, repeats)
    assert np.array_equal(found, assign_folds(labels, groups, (folds, repeats), seed))
    for fold in found.T:
        for number in range(fold.max() + 1):
            assert set(labels[fold != number]) == set(labels)
        for group in set(groups or []) - {""}:
            assert len({fold[i] for i, name in enumerate(groups) if name == group}) == 1


def test_without_groups_folds_are_of_equal_size_and_stratified():
    labels = np.repeat([0, 1], [40, 20])
    for fold in assign_folds(labels, None, (5, 3), 1).T:
        assert np.bincount(fold).tolist() == [12] * 5
        assert np.bincount(fold[labels == 1]).tolist() == [4] * 5


def test_repeats_are_drawn_anew_and_by_the_seed():
    labels = np.arange(60) % 3
    found, other = (assign_folds(labels, None, (5, 2), seed) for seed in (1, 2))
    assert not np.array_equal(found[:, 0], found[:, 1])
    assert not np.array_equal(found, other)


def test_a_lone_example_of_a_class_is_for_training():
    found = assign_folds(np.array([0] * 10 + [1]), None, (5, 4), 1)
    assert (found[10] == ALWAYS_TRAIN).all()
    assert (found[:10] >= 0).all()


@pytest.mark.parametrize(
    ("labels", "groups"), [([0, 1], None), ([], None), ([0] * 6 + [1] * 6, ["g"] * 12)]
)
def test_too_little_for_two_folds_has_none(labels, groups):
    assert assign_folds(labels, groups, (5, 4), 1).shape == (len(labels), 0)


@pytest.mark.parametrize(
    ("count", "val_given", "examples", "plan"),
    [
        (40, False, {}, (5, 4)),
        (500, False, {}, (1, 0)),
        (40, True, {}, (1, 0)),
        (40, True, {"folds": 3}, (3, 4)),
        (9000, False, {"folds": 10, "repeats": 1}, (10, 1)),
        (40, False, {"repeats": 2}, (5, 2)),
        (40, False, {"folds": 1, "repeats": 2}, (1, 0)),
    ],
)
def test_when_there_are_folds(count, val_given, examples, plan):
    assert plan_folds(count, val_given, examples) == plan


def test_the_table_has_a_column_for_each_repeat():
    table = fold_table([0, 1] * 20, None, False, {"folds": 4, "repeats": 2}, 1)
    assert table.columns.tolist() == ["example", "repeat_1", "repeat_2"]
    assert set(table["repeat_1"]) == {0, 1, 2, 3}
    assert fold_table([0, 1] * 250, None, False, {}, 1).columns.tolist() == ["example"]


def test_folds_are_of_the_examples_that_are_embedded(tmp_path):
    paint(tmp_path / "whole", {"a": 40, "b": 20})
    data = prepare(tmp_path / "whole", 1, Square(2))
    assert len(data.folds) == len(data.splits["train"]) + len(data.splits["val"])
    assert data.folds.shape[1] == 1 + 4
    labels = np.concatenate([data.splits[split].labels for split in ("train", "val")])
    for fold in range(5):
        inside = data.folds["repeat_1"] == fold
        assert abs(labels[inside].mean() - labels.mean()) < 0.1
    paint(tmp_path / "cut/train", {"a": 40, "b": 20})
    paint(tmp_path / "cut/val", {"a": 9, "b": 9}, start=50)
    paint(tmp_path / "cut/test", {"a": 9, "b": 9}, start=90)
    assert prepare(tmp_path / "cut", 1, Square(2)).folds.shape == (78, 1)
    limits = DEFAULTS | {"folds": 3, "repeats": 1}
    assert prepare(tmp_path / "cut", 1, Square(2), limits).folds.shape == (78, 2)


def test_folds_go_by_groups(tmp_path):
    paint(tmp_path, {"a": 40, "b": 40})
    data = prepare(tmp_path, 1, Square(2), group=r"/(\d\d)\d")
    groups = [row["group"] for row in data.rows if row["split"] != "test"]
    for repeat in ("repeat_1", "repeat_4"):
        pairs = set(zip(groups, data.folds[repeat], strict=True))
        assert len(pairs) == len(set(groups))
