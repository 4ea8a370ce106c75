"""The intervals of measures, the paired test, and the table that has all of them."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needle.base.measures import MEASURES, measure
from needle.recommend.intervals import interval_of, wilson
from needle.recommend.measured import in_words, measured
from needle.recommend.paired import SWAPS, paired_test

CLASSES = ["cat", "dog", "eel"]


def rng(seed=0):
    return np.random.default_rng(seed)


def noisy(labels, classes=3, seed=0, skill=1.0):
    """Probabilities that lean to the labels."""
    logits = rng(seed).normal(size=(len(labels), classes))
    logits[np.arange(len(labels)), labels] += skill
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


# Intervals


def test_the_interval_of_accuracy_is_wilsons():
    labels = np.array([0] * 10)
    probabilities = np.eye(2)[[0] * 9 + [1]]
    assert interval_of("accuracy", labels, probabilities, 0.95, None) == wilson(9, 10)


def test_the_interval_of_a_mean_is_that_of_its_standard_error():
    # Log loss is a mean: of one class, resamples spread by the losses' deviation over sqrt(n).
    labels = np.zeros(400, int)
    probabilities = noisy(labels)
    losses = -np.log(probabilities[:, 0])
    low, high = interval_of("log_loss", labels, probabilities, 0.95, rng())
    half = 1.96 * losses.std() / math.sqrt(400)
    assert (low, high) == pytest.approx((losses.mean() - half, losses.mean() + half), rel=0.03)


def test_the_interval_of_balanced_accuracy_by_exact_enumeration():
    # Class 0: 1 of 2 right, class 1: 2 of 2. A resample of class 0 has 0, 1 or 2 right with
    # chances 1/4, 1/2, 1/4, so the mean is 1/2, 3/4 or 1.
    labels, said = np.array([0, 0, 1, 1]), np.eye(2)[[0, 1, 1, 1]]
    assert interval_of("balanced_accuracy", labels, said, 0.95, rng()) == (0.5, 1.0)
    assert interval_of("balanced_accuracy", labels, said, 0.4, rng()) == (0.75, 0.75)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(8, 60))
def test_intervals_are_drawn_by_the_seed_and_hold_the_value(seed, count):
    labels = np.arange(count) % 3
    probabilities = noisy(labels, seed=seed)
    for name in set(MEASURES) - {"macro_f1"}:  # a resample's may lean to one side
        low, high = interval_of(name, labels, probabilities, 0.99, rng(seed))
        assert (low, high) == interval_of(name, labels, probabilities, 0.99, rng(seed))
        assert low - 1e-9 <= measure(name, labels, probabilities) <= high + 1e-9


def test_a_higher_level_is_wider():
    labels = np.arange(60) % 3
    ends = [interval_of("auroc", labels, noisy(labels), level, rng()) for level in (0.5, 0.95)]
    assert ends[1][0] < ends[0][0] < ends[0][1] < ends[1][1]


def test_chunks_of_resamples_change_little(monkeypatch):
    labels = np.arange(60) % 3
    whole = interval_of("auroc", labels, noisy(labels), 0.95, rng())
    monkeypatch.setattr("needle.recommend.intervals.AT_ONCE", 7 * 60)
    assert interval_of("auroc", labels, noisy(labels), 0.95, rng()) == pytest.approx(
        whole, abs=0.02
    )


# The paired test


def right(pattern):
    """Probabilities of a model that is right where the pattern says so; all labels are 0."""
    return np.eye(2)[[0 if is_right else 1 for is_right in pattern]]


@pytest.mark.parametrize(
    ("one", "other", "p"),
    [
        ([1] * 6, [0] * 6, 2 / 2**6),
        ([1, 1, 0], [1, 0, 1], 1.0),  # one each
        ([1, 0, 1, 1], [1, 0, 1, 1], 1.0),  # the same
        # 5 alone against 1: twice the chance of 0 or 1 of 6.
        ([1] * 5 + [0] + [1] * 9, [0] * 5 + [1] + [1] * 9, 2 * (1 + 6) / 2**6),
    ],
)
def test_mcnemar_by_hand(one, other, p):
    labels = np.zeros(len(one), int)
    assert paired_test("accuracy", labels, right(one), right(other), None) == pytest.approx(p)
    assert paired_test("accuracy", labels, right(other), right(one), None) == pytest.approx(p)


def test_drawn_swaps_are_close_to_all_swaps():
    labels = np.arange(10) % 2
    one, other = noisy(labels, 2, 1, 2.0), noisy(labels, 2, 2, 0.5)
    found = abs(measure("log_loss", labels, one) - measure("log_loss", labels, other))
    count = 0
    for swap in itertools.product([False, True], repeat=10):
        mask = np.array(swap)[:, None]
        difference = measure("log_loss", labels, np.where(mask, other, one)) - measure(
            "log_loss", labels, np.where(mask, one, other)
        )
        count += abs(difference) >= found - 1e-12
    p = paired_test("log_loss", labels, one, other, rng())
    assert p == pytest.approx(count / 2**10, abs=4 * 0.5 / math.sqrt(SWAPS))


@pytest.mark.parametrize("name", MEASURES)
def test_models_that_say_the_same_do_not_differ(name):
    labels = np.arange(12) % 3
    assert paired_test(name, labels, noisy(labels), noisy(labels), rng()) == 1


@pytest.mark.parametrize("name", MEASURES)
def test_a_model_that_knows_and_one_that_guesses_differ(name):
    labels = np.arange(90) % 3
    p = paired_test(name, labels, noisy(labels, skill=9.0), noisy(labels, seed=1, skill=0), rng())
    assert p < 0.02


# The table


def test_the_table_has_every_measure_or_says_why_not():
    labels = {"val": np.arange(9) % 3, "test": np.arange(8) % 2}
    said = {("val", "m"): noisy(labels["val"]), ("test", "m"): noisy(labels["test"])}
    table = measured(said, labels, CLASSES, 0.95, 1)
    assert table["measure"].tolist() == 2 * list(MEASURES)
    test = table[table["split"] == "test"].set_index("measure")
    lacking = [name for name, kind in MEASURES.items() if kind.of_classes]
    assert set(test.loc[lacking, "reason"]) == {"class eel has no test image"}
    assert test.loc[lacking, ["value", "low", "high"]].isna().all(axis=None)
    others = table[table["reason"] == ""]
    assert len(others) == 9
    assert others[["value", "low", "high"]].notna().all(axis=None)
    assert measured(said, labels, CLASSES, 0.95, 1).equals(table)
    words = dict(map(in_words, table[table["split"] == "test"].to_dict("records")))
    assert words["AUROC"] == "– (class eel has no test image)"


# Groups


def test_the_interval_over_groups_is_that_of_their_means():
    """Twenty patients of ten equal pictures each are twenty observations."""
    groups = np.arange(200) // 10
    right = rng(1).random(20) < 0.6
    labels = np.zeros(200, int)
    said = np.eye(2)[np.where(right[groups], 0, 1)]
    low, high = interval_of("accuracy", labels, said, 0.95, rng(), groups)
    half = 1.96 * right.std() / math.sqrt(20)
    assert (low, high) == pytest.approx((right.mean() - half, right.mean() + half), abs=0.04)
    alone = interval_of("accuracy", labels, said, 0.95, rng())
    assert high - low > 2 * (alone[1] - alone[0])


def test_draws_of_groups_that_lack_a_class_are_passed_over():
    labels, groups = np.array([0, 0, 1, 1]), np.array([0, 1, 2, 3])
    said = np.eye(2)[[0, 1, 1, 1]]
    low, high = interval_of("balanced_accuracy", labels, said, 0.95, rng(), groups)
    assert 0.5 <= low < high <= 1


def test_one_group_has_no_interval():
    labels = np.arange(9) % 3
    ends = interval_of("log_loss", labels, noisy(labels), 0.95, rng(), np.zeros(9, int))
    assert all(map(math.isnan, ends))


def test_groups_are_swapped_whole():
    """Two patients leave four swaps: the two that change all differ as much, the others by 0."""
    labels, groups = np.zeros(8, int), np.arange(8) // 4
    p = paired_test("accuracy", labels, right([1] * 8), right([0] * 8), rng(), groups)
    assert p == pytest.approx(0.5, abs=0.06)
    assert paired_test("accuracy", labels, right([1] * 8), right([0] * 8), rng()) == 2 / 2**8
    single = paired_test("log_loss", labels, noisy(labels), noisy(labels, seed=1), rng())
    each = paired_test(
        "log_loss", labels, noisy(labels), noisy(labels, seed=1), rng(), np.arange(8)
    )
    assert single == each
