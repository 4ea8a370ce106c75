"""The bootstrap: what it must give where the answer is known."""

import numpy as np
import pytest

from needle.regret.uncertainty import interval, mean_interval, means, resample_medians


def test_medians_of_equal_repeats_are_that_value_and_of_none_are_missing():
    medians = resample_medians([[0.5, 0.5, 0.5], [], [0.3]], resamples=20, seed=0)
    assert medians.shape == (20, 3)
    assert (medians[:, 0] == 0.5).all()
    assert np.isnan(medians[:, 1]).all()
    assert (medians[:, 2] == 0.3).all()


def test_medians_of_two_repeats_have_the_binomial_shares():
    medians = resample_medians([[0.0, 1.0]], resamples=20000, seed=0)[:, 0]
    shares = [(medians == value).mean() for value in (0.0, 0.5, 1.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.02)


def test_interval_by_hand():
    low, high = interval(np.arange(101) / 100, level=0.9)
    assert (low, high) == pytest.approx((0.05, 0.95))


def test_mean_interval_agrees_with_the_normal_approximation():
    values = np.random.default_rng(0).normal(3, 2, 400)
    low, high = mean_interval(values, resamples=4000, level=0.95, seed=1)
    half = 1.96 * values.std() / np.sqrt(400)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.03)


def test_mean_interval_is_the_seeds_and_needs_two_values():
    values = [0.1, 0.4, 0.2]
    first, again, other = (mean_interval(values, 200, 0.9, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert np.isnan(mean_interval([0.1], 200, 0.9, 1)).all()


def test_medians_do_not_depend_on_what_follows():
    """Models that follow one another are drawn together; the draws are those of each alone."""
    repeats = [[0.1, 0.2, 0.4], [0.3, 0.9, 0.5], [], [0.6], [0.2, 0.8]]
    generator = np.random.default_rng(4)
    medians = resample_medians(repeats, resamples=30, seed=4)
    for column, values in enumerate(repeats):
        if values:
            drawn = np.array(values)[generator.integers(0, len(values), (30, len(values)))]
            assert medians[:, column].tolist() == np.median(drawn, axis=1).tolist()


def test_means_are_those_of_each_row_without_what_it_lacks():
    rows = np.array([[0.1, 0.4, np.nan], [0.3, 0.2, 0.7], [0.1, 0.4, np.nan], [0.5, np.nan, np.nan],
                     [np.nan] * 3])  # fmt: skip
    mean, low, high = means(rows, 100, 0.9, 1)
    assert mean[:4] == pytest.approx([0.25, 0.4, 0.25, 0.5])
    assert np.isnan(mean[4])
    assert (low[0], high[0]) == (low[2], high[2]) == mean_interval([0.1, 0.4], 100, 0.9, 1)
    assert (low[1], high[1]) == mean_interval([0.3, 0.2, 0.7], 100, 0.9, 1)
    assert np.isnan([low[3:], high[3:]]).all()
