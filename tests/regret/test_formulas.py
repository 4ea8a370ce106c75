"""Regret, delta and log-odds against numbers worked by hand, and what they must always obey."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.deltas import log_odds_delta, relative_delta, relative_regret
from needle.regret.formulas import (
    best_by_budget,
    draws,
    expected_best_of_random,
    expected_regrets,
    tie_outcomes,
)

ACCURACIES = st.lists(st.integers(0, 200).map(lambda k: k / 200), min_size=1, max_size=7)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0.9, 0.8, 0.5),  # 0.1 of the 0.2 that are left
        (0.8, 0.9, -0.5),
        (0.75, 0.75, 0.0),
        (1.0, 0.5, 1.0),
        (1.0, 1.0, 0.0),
        (0.0, 1.0, -1.0),
    ],
)
def test_relative_delta_by_hand(first, second, expected):
    assert relative_delta(first, second) == pytest.approx(expected)


def test_relative_regret_is_the_delta_from_the_oracle():
    assert relative_regret([0.9, 0.9], [0.8, 0.9]) == pytest.approx([0.5, 0.0])


def test_missing_accuracy_gives_missing_regret():
    assert np.isnan(relative_regret(0.9, np.nan))
    assert np.isnan(log_odds_delta(0.9, np.nan))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0.8, 0.5, math.log(4)),
        (0.5, 0.8, -math.log(4)),
        (0.9, 0.9, 0.0),
        (1.0, 1.0, 0.0),
        (0.0, 0.0, 0.0),
        (1.0, 0.9, math.inf),
        (0.9, 1.0, -math.inf),
    ],
)
def test_log_odds_delta_by_hand(first, second, expected):
    assert log_odds_delta(first, second) == pytest.approx(expected)


def test_best_by_budget_follows_the_ranking():
    assert best_by_budget([0.8, 0.7, 0.9], [1, 0, 2]).tolist() == [0.7, 0.8, 0.9]


def test_what_a_ranking_lacks_is_drawn_at_random():
    # b, and then a or c or d: 0.75 in two of three cases.
    best = best_by_budget([0.5, 0.7, 0.75, 0.75], [1])
    assert best == pytest.approx([0.7, (0.7 + 0.75 + 0.75) / 3, 0.75, 0.75])


def test_no_ranking_is_random_search():
    best = best_by_budget([0.8, np.nan, 0.6], [])
    assert best == pytest.approx([0.7, 0.8, 0.8])
    assert np.isnan(best_by_budget([np.nan, np.nan], [])).all()


@given(st.lists(st.integers(0, 8), min_size=1, max_size=6), st.data())
def test_a_short_ranking_is_the_mean_over_all_ways_to_complete_it(levels, data):
    accuracies = np.array(levels) / 8
    ranking = data.draw(st.permutations(range(len(accuracies))))
    ranking = ranking[: data.draw(st.integers(0, len(ranking)))]
    rest = [place for place in range(len(accuracies)) if place not in ranking]
    ways = [
        np.maximum.accumulate(accuracies[[*ranking, *order]])
        for order in itertools.permutations(rest)
    ]
    assert best_by_budget(accuracies, ranking) == pytest.approx(np.mean(ways, axis=0))


def test_random_search_finds_a_perfect_model_without_rounding():
    """Near 1, relative regret is a quotient of the last digits."""
    assert (
        relative_regret(1.0, expected_best_of_random([1.0, 1.0, 1.0, 0.9])[1:]).tolist() == [0] * 3
    )
    for size in range(1, 200):
        assert (expected_best_of_random(np.ones(size)) == 1).all()


def test_a_pick_without_accuracy_helps_nobody():
    best = best_by_budget([np.nan, 0.7, 0.6], [0, 2, 1])
    assert np.isnan(best[0])
    assert best[1:].tolist() == [0.6, 0.7]


@given(ACCURACIES)
def test_random_is_the_mean_over_all_picks(accuracies):
    expected = expected_best_of_random(accuracies)
    for budget in range(1, len(accuracies) + 1):
        picks = itertools.combinations(accuracies, budget)
        assert expected[budget - 1] == pytest.approx(np.mean([max(pick) for pick in picks]))


@given(ACCURACIES, st.randoms())
def test_regret_is_a_fraction_that_never_grows_with_budget(accuracies, random):
    ranking = list(range(len(accuracies)))
    random.shuffle(ranking)
    regret = relative_regret(max(accuracies), best_by_budget(accuracies, ranking))
    assert ((regret >= 0) & (regret <= 1)).all()
    assert (np.diff(regret) <= 0).all()
    assert regret[-1] == 0


def test_the_best_of_a_draw_from_a_large_pool():
    # Of 3000 models, the best is among 1500 drawn half of the time, the next a quarter, ...
    probabilities = draws(3000)[1][1499]
    assert probabilities.sum() == pytest.approx(1)
    assert probabilities[:2] == pytest.approx([0.5, 0.5 * 1500 / 2999])


@given(ACCURACIES, st.data())
def test_tie_outcomes_are_those_of_all_orders(accuracies, data):
    """Against every order of the ties, one by one."""
    groups = data.draw(st.lists(st.integers(0, 2), min_size=len(accuracies),
                                max_size=len(accuracies)).map(sorted))  # fmt: skip
    tied_ranks = [1 + groups.index(group) for group in groups]
    budget = data.draw(st.integers(1, len(accuracies) + 1))
    orders = [
        [accuracies[place] for place in order]
        for order in itertools.permutations(range(len(accuracies)))
        if [groups[place] for place in order] == groups
    ]
    reached = [max(order[:budget]) for order in orders]
    values, probabilities = tie_outcomes(accuracies, tied_ranks, budget)
    for value in set(reached) | set(values):
        share = probabilities[values == value].sum()
        assert share == pytest.approx(reached.count(value) / len(reached))
    expected = np.mean(relative_regret(1.0, reached))
    if budget <= len(accuracies):
        regrets = expected_regrets(1.0, accuracies, tied_ranks)
        assert regrets[budget - 1] == pytest.approx(expected)


def test_a_tie_with_a_missing_accuracy():
    # Alone it leaves nothing; with another pick it is only useless.
    regrets = expected_regrets(0.9, [np.nan, 0.8], [1, 1])
    assert np.isnan(regrets[0])
    assert regrets[1] == pytest.approx(0.5)
    assert expected_regrets(0.9, [], []).tolist() == []


def test_draws_of_a_large_pool_against_binomial_coefficients():
    n = 400  # several blocks, and probabilities that are left out
    blocks, rows = draws(n)
    assert sum(map(len, blocks)) == len(rows) == n
    for budget in (1, 2, 128, 129, 300, 400):
        exact = [math.comb(n - i, budget - 1) / math.comb(n, budget) for i in range(1, n + 1)]
        assert rows[budget - 1] == pytest.approx(exact[: len(rows[budget - 1])], rel=1e-10)
        assert sum(exact[len(rows[budget - 1]) :]) < 1e-16


@pytest.mark.parametrize("missing", [0, 3])
def test_expected_regrets_of_a_large_pool_are_those_of_each_budget(missing):
    """Against the outcomes of one budget at a time."""
    generator = np.random.default_rng(0)
    accuracies = generator.integers(50, 100, 300) / 100
    accuracies[generator.permutation(300)[:missing]] = np.nan
    groups = np.sort(generator.integers(0, 4, 300))
    tied_ranks = 1 + np.searchsorted(groups, groups)
    regrets = expected_regrets(1.0, accuracies, tied_ranks)
    for budget in range(1, 301):
        values, probabilities = tie_outcomes(accuracies, tied_ranks, budget)
        expected = relative_regret(1.0, values) @ probabilities
        assert regrets[budget - 1] == pytest.approx(expected, abs=1e-14, nan_ok=True)
    assert np.isnan(regrets).sum() <= missing


def test_random_search_in_a_large_pool():
    # Of 0, 1, ..., n - 1, the best of B is (n + 1) B / (B + 1) - 1 on average.
    n = 1000
    budgets = np.arange(1, n + 1)
    expected = expected_best_of_random(np.arange(n))
    assert expected == pytest.approx((n + 1) * budgets / (budgets + 1) - 1)
