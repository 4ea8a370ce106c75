"""What a choice is worth, by hand and against loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from needle.tables.gains import gain, gains, held_out_gains

ACCURACY = st.integers(0, 100).map(lambda percent: percent / 100) | st.just(np.nan)


def test_gains_by_hand():
    """Two models under two protocols; a third lacks an accuracy and is no option."""
    accuracies = np.array([[[0.6, 0.7], [0.5, 0.8], [0.9, np.nan]]])
    model, protocol, both = gains(accuracies, accuracies)
    assert model == pytest.approx(np.array([[0.6 - 0.55, 0.8 - 0.75]]))
    assert protocol == pytest.approx([((0.7 - 0.65) + (0.8 - 0.65)) / 2])
    assert both == pytest.approx([0.8 - 0.65])


def test_luck_is_no_gain():
    """What is best in one repeat is the worse in the other."""
    repeats = np.array([[0.5, 0.7], [0.6, 0.6]]).reshape(1, 2, 1, 2)
    medians = np.median(repeats, axis=-1)
    assert gains(medians, medians)[0] == pytest.approx(0)
    # By the first, b is chosen: 0.6 where the mean is 0.65. By the second a: 0.5 beside 0.55.
    assert held_out_gains(repeats)[0] == pytest.approx(-0.05)


def test_one_repeat_judges_nothing():
    found = held_out_gains(np.full((3, 2, 2, 1), 0.5))
    assert [each.shape for each in found] == [(3, 2), (3,), (3,)]
    assert all(np.isnan(each).all() for each in found)


@given(arrays(float, (2, 3, 2), elements=ACCURACY))
def test_gains_are_what_loops_find(accuracies):
    model, protocol, both = gains(accuracies, accuracies)
    for task, table in enumerate(accuracies):
        whole = [row for row in table.tolist() if not np.isnan(row).any()]
        if not whole:
            assert np.isnan([*model[task], protocol[task], both[task]]).all()
            continue
        columns, cells = list(zip(*whole, strict=True)), [cell for row in whole for cell in row]
        assert model[task] == pytest.approx([max(each) - np.mean(each) for each in columns])
        assert protocol[task] == pytest.approx(np.mean([max(row) - np.mean(row) for row in whole]))
        assert both[task] == pytest.approx(max(cells) - np.mean(cells))
        # Some model gains as much as the mean does, and the best pair no less than the better axis.
        assert min(both[task], protocol[task], *model[task]) >= -1e-12


@given(arrays(float, (4, 5), elements=ACCURACY))
def test_what_is_held_out_gains_no_more_than_what_is_looked_at(accuracies):
    looked_at = gain(accuracies, accuracies, axis=1)
    by_chance = gain(np.zeros_like(accuracies), accuracies, axis=1)
    known = ~np.isnan(looked_at)
    assert (known == ~np.isnan(accuracies).all(axis=1)).all()
    assert (by_chance[known] <= looked_at[known] + 1e-12).all()
