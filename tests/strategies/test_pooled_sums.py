"""ETran and NCTI, whose parts are added up over the pool."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.proxies.registry import names
from needle.scores.known import known_of
from needle.strategies.pooled_sums import SUMS, scaled_sum
from needle.strategies.registry import strategies

ETRAN = ["etran_energy", "etran_lda"]
# Energy scaled over a, b, c: 0, 1, 1/2; the labelled part: 1, 0, 1/2.
VALUES = {"a": (10.0, 0.9), "b": (30.0, 0.5), "c": (20.0, 0.7)}


@pytest.fixture
def pool(models):
    return models


def known(pool, values):
    rows = {("t", model): dict(zip(ETRAN, pair, strict=True)) for model, pair in values.items()}
    points = pd.DataFrame.from_dict(rows, orient="index")
    points.index = pd.MultiIndex.from_tuples(points.index, names=["task", "model"])
    return known_of(points, pool)


def test_the_parts_are_proxies():
    assert {part for parts in SUMS.values() for part in parts} <= set(names())


def test_a_sum_is_offered_where_all_its_parts_are():
    parts = list(SUMS["ncti"])
    assert "etran" not in strategies(["etran_energy", "knn"])
    found = strategies([*ETRAN, *parts])
    assert {"etran", "hybrid-etran", "ncti", "hybrid-ncti"} <= set(found)
    assert found["etran"].proxies == tuple(ETRAN)
    assert "ncti" not in strategies(parts[:2])


def test_ranking_by_hand(pool):
    # 0.85 for a, 0.15 for b, 0.5 for c.
    rank = strategies(ETRAN)["etran"].rank
    assert rank(pool, "t", known(pool, VALUES)).models == ["a", "c", "b"]
    # Without a, c is at the end of the scale that a was: b 0.15, c 0.85.
    assert rank(pool.loc[["b", "c"]], "t", known(pool, VALUES)).models == ["c", "b"]


def test_a_model_without_a_part_is_not_ranked_and_sets_no_scale(pool):
    ranking = strategies(ETRAN)["etran"].rank(
        pool, "t", known(pool, VALUES | {"a": (np.nan, 99.0)})
    )
    assert ranking.models == ["c", "b"]
    assert ranking.reason == "without etran_energy or etran_lda: a"


def test_a_run_in_which_no_model_has_both_skips(pool):
    skip = strategies(ETRAN)["etran"].skip
    assert skip(known(pool, VALUES)) == ""
    halves = {"a": (1.0, np.nan), "b": (np.nan, 1.0), "c": (2.0, np.nan)}
    assert skip(known(pool, halves)) == "no model has all of etran_energy and etran_lda"


@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(-5, 5))
def test_neither_scale_nor_shift_of_a_part_matters(seed, factor, offset):
    parts = np.random.default_rng(seed).normal(size=(3, 6))
    sums = scaled_sum(parts, [1.0, 1.0, 0.5])
    assert np.all((sums >= 0) & (sums <= 2.5 + 1e-12))
    other = parts.copy()
    other[1] = factor * other[1] + offset
    assert scaled_sum(other, [1.0, 1.0, 0.5]) == pytest.approx(sums, abs=1e-9)
