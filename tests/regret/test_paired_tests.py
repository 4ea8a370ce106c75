"""Tests of paired differences, and the correction for their number."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import permutation_test

from needle.regret.paired_tests import (
    DRAWS,
    EXACT,
    fewest_tasks,
    holm,
    least_p_value,
    sign_flip_p_values,
)

ROWS = st.lists(st.integers(-9, 9).map(lambda tenths: tenths / 10), min_size=2, max_size=7)


@given(ROWS)
def test_all_signs_are_tried(row):
    flipped = [np.dot(signs, row) for signs in itertools.product((1, -1), repeat=len(row))]
    share = np.mean(np.abs(flipped) >= abs(sum(row)) - 1e-9)
    assert sign_flip_p_values([row], seed=0).tolist() == pytest.approx([share])


@pytest.mark.parametrize("tasks", [6, EXACT + 5])
def test_against_scipy(tasks):
    row = np.random.default_rng(4).normal(0.4, 1, tasks)
    theirs = permutation_test(
        (row,), np.sum, permutation_type="samples", n_resamples=40_000, rng=0
    ).pvalue
    exact = tasks <= EXACT
    ours = sign_flip_p_values([row], seed=1)[0]
    assert ours == pytest.approx(theirs, abs=1e-9 if exact else 0.01)


@given(ROWS, st.randoms())
def test_order_sign_and_scale_of_the_tasks_change_nothing(row, random):
    shuffled = random.sample(row, len(row))
    changed = [shuffled, [-value for value in row], [3 * value for value in row], [*row, np.nan]]
    expected = sign_flip_p_values([row], seed=0)[0]
    for other in changed:
        assert sign_flip_p_values([other], seed=0)[0] == pytest.approx(expected)


def test_drawn_signs_are_those_of_no_other_comparison_and_never_give_zero():
    sure = np.full(EXACT + 1, 0.1)
    alone = sign_flip_p_values([sure], seed=3)
    among = sign_flip_p_values(np.tile(sure, (300, 1)), seed=3)
    assert alone[0] == pytest.approx(1 / (DRAWS + 1), rel=3)  # + 1 / 2^14 of the draws by chance
    assert (among == alone[0]).all()


def test_a_comparison_without_tasks_has_no_p_value():
    found = sign_flip_p_values([[np.nan, np.nan], [0.5, np.nan], [0.0, 0.0]], seed=0)
    assert np.isnan(found[0])
    assert found[1:].tolist() == [1, 1]


def test_equally_good_strategies_are_significant_as_often_as_is_said():
    noise = np.random.default_rng(0).normal(size=(4000, 10))
    assert (sign_flip_p_values(noise, seed=0) < 0.05).mean() == pytest.approx(0.05, abs=0.012)


def test_the_least_p_value_is_that_of_being_ahead_on_all_tasks():
    for tasks in (2, 6, EXACT):
        assert sign_flip_p_values([[0.1] * tasks], 0)[0] == pytest.approx(least_p_value(tasks))
    assert least_p_value(EXACT + 1) == least_p_value(90) == 1 / (DRAWS + 1)


def test_so_many_tasks_are_the_fewest():
    for comparisons in (1, 3, 4, 12, 183):
        tasks = fewest_tasks(comparisons, 0.05)
        assert comparisons * least_p_value(tasks) < 0.05 <= comparisons * least_p_value(tasks - 1)
    assert fewest_tasks(DRAWS, 0.05) is None


def test_holm_by_hand():
    # Sorted: .01 x 4, .02 x 3, .03 x 2 (as the one before), .4 x 1.
    corrected = holm([0.02, 0.4, 0.01, np.nan, 0.03])
    assert corrected.tolist() == pytest.approx([0.06, 0.4, 0.04, np.nan, 0.06], nan_ok=True)
    assert holm([]).tolist() == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_holm_is_the_closure_of_bonferroni(p_values):
    """A hypothesis is rejected where Bonferroni rejects every intersection that it is part of."""
    numbers = range(len(p_values))
    sets = [each for n in numbers for each in itertools.combinations(numbers, n + 1)]
    expected = [
        max(min(1, len(each) * min(p_values[i] for i in each)) for each in sets if mine in each)
        for mine in numbers
    ]
    assert holm(p_values).tolist() == pytest.approx(expected)
