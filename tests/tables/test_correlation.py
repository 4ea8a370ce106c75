"""Correlation of proxies with fine-tune accuracy, against the definitions of the coefficients."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import one
from needle.tables.correlation import correlate, correlation_table

COLUMNS = ["pool", "strategy", "budget", "task", "absolute_regret", "relative_regret"]
NO_REGRET = pd.DataFrame(columns=COLUMNS)
VALUES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=12)


def pearson_by_definition(x, y):
    dx, dy = x - x.mean(), y - y.mean()
    return (dx * dy).sum() / np.sqrt((dx**2).sum() * (dy**2).sum())


def kendall_by_definition(x, y, weights=lambda i, j: 1.0):
    """Sum over pairs: sign in x times sign in y, normalised by the pairs that are no ties."""
    pairs = [(i, j) for i in range(len(x)) for j in range(i)]
    w = np.array([weights(i, j) for i, j in pairs])
    sx = np.array([np.sign(x[i] - x[j]) for i, j in pairs])
    sy = np.array([np.sign(y[i] - y[j]) for i, j in pairs])
    return (w * sx * sy).sum() / np.sqrt((w * sx**2).sum() * (w * sy**2).sum())


def weighted_by_definition(x, y):
    """Average the hyperbolic weights of both rankings, as Vigna (2015) defines."""

    def ranked(first, second):
        order = sorted(range(len(x)), key=lambda i: (-first[i], -second[i]))
        rank = {i: place for place, i in enumerate(order, start=1)}
        return kendall_by_definition(x, y, lambda i, j: 1 / rank[i] + 1 / rank[j])

    return (ranked(x, y) + ranked(y, x)) / 2


@given(VALUES)
def test_coefficients_are_those_of_their_definitions(values):
    x, y = np.array(values, float).T
    result = correlate(x, y)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert np.isnan(result).all()
    else:
        assert result[0] == pytest.approx(pearson_by_definition(x, y), abs=1e-9)
        assert result[1] == pytest.approx(kendall_by_definition(x, y), abs=1e-9)
        assert result == pytest.approx(correlate(y, x), abs=1e-9)


@given(st.lists(st.integers(0, 200), min_size=3, max_size=12, unique=True), st.randoms())
def test_weighted_kendall_is_that_of_its_definition(values, random):
    shuffled = values.copy()
    random.shuffle(shuffled)
    x, y = np.array(values), np.array(shuffled)
    assert correlate(x, y)[2] == pytest.approx(weighted_by_definition(x, y), abs=1e-9)


def test_an_exchange_at_the_top_weighs_most():
    accuracies = np.array([0.9, 0.8, 0.7, 0.6])
    _, kendall, weighted = correlate(accuracies, np.array([3, 4, 2, 1]))
    _, same_kendall, lenient = correlate(accuracies, np.array([4, 3, 1, 2]))
    assert kendall == same_kendall == pytest.approx(2 / 3)
    assert weighted < kendall < lenient


@pytest.mark.parametrize("pairs", [[], [(0.1, 0.2), (0.3, 0.4)], [(0.5, 1), (0.5, 2), (0.5, 3)]])
def test_too_few_or_constant_values_have_none_and_warn_of_nothing(pairs):
    x, y = np.array(pairs, float).reshape(-1, 2).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(correlate(x, y)).all()
        assert np.isnan(correlate(y, x)).all()


def test_table_is_of_the_models_of_a_pool_that_have_both_values(points):
    points.loc[("t1", "b"), "knn"] = np.nan
    members = {"all": ["a", "b", "c"], "ab": ["b", "a"]}
    table = correlation_table(members, points, NO_REGRET)
    assert set(zip(table["pool"], table["proxy"], table["task"], strict=True)) == {
        (pool, proxy, task) for pool in members for proxy in ("linear", "knn")
        for task in ("t1", "t2")
    }  # fmt: skip
    # t1: accuracies 0.8, 0.7, 0.9 and linear scores 0.6, 0.7, 0.5.
    linear = one(table, pool="all", proxy="linear", task="t1")
    assert linear["models"] == 3
    assert linear[["pearson", "kendall", "weighted_kendall"]].tolist() == pytest.approx([-1] * 3)
    # t2: c is best by linear score and worst by accuracy; a and b tie.
    tied = one(table, pool="all", proxy="linear", task="t2")
    assert tied["kendall"] == pytest.approx(-2 / np.sqrt(2 * 3))
    assert one(table, pool="all", proxy="knn", task="t1")["models"] == 2
    assert np.isnan(one(table, pool="all", proxy="knn", task="t1")["pearson"])
    assert one(table, pool="ab", proxy="linear", task="t1")["models"] == 2


def test_regret_is_the_proxys_own_at_budget_one(points):
    regret = pd.DataFrame(
        [
            ("all", "linear", 1, "t1", 0.2, 2 / 3),
            ("all", "linear", 2, "t1", 0.1, 1 / 2),
            ("all", "hybrid-linear", 1, "t1", 0.05, 1 / 4),
        ],
        columns=COLUMNS,
    )
    table = correlation_table({"all": ["a", "b", "c"]}, points, regret)
    linear = one(table, proxy="linear", task="t1")
    assert (linear["absolute_regret"], linear["relative_regret"]) == (0.2, 2 / 3)
    assert np.isnan(one(table, proxy="linear", task="t2")["relative_regret"])
    assert len(table) == 4
