"""What one strategy reaches and another does not, from scores worked by hand."""

import numpy as np
import pandas as pd
import pytest

from examples import MEMBERS, one
from needle.regret.regret_table import regret_table
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table
from needle.tables.delta import delta_table, mean_delta_table

DELTAS = [{"first": "task-agnostic", "second": "linear", "budget": 1}]


@pytest.fixture
def compare(models, scores):
    def table(deltas=DELTAS, **changes):
        points = point_values(scores)
        picks, _ = pick_table(models, MEMBERS, points)
        bootstrap = {"resamples": 500, "level": 0.9, "seed": 0} | changes
        return delta_table(picks, MEMBERS, scores, points, deltas, **bootstrap)

    return table


def test_delta_is_positive_where_the_first_is_better(compare):
    delta = compare()
    # t2: task-agnostic b reaches 0.5, linear c 0.4.
    row = one(delta, pool="all", task="t2")
    assert row["relative_delta"] == pytest.approx(0.1 / 0.6)
    assert row["low"] <= row["relative_delta"] <= row["high"]
    assert row["logodds_delta"] == pytest.approx(np.log(0.5 / 0.5) - np.log(0.4 / 0.6))
    assert one(delta, pool="all", task="t1")["relative_delta"] == 0


def test_deltas_are_paired(compare):
    """On t1 both strategies pick b: whatever its repeats, they do not differ."""
    row = one(compare(), pool="all", task="t1")
    assert (row["low"], row["high"]) == (0, 0)


def test_the_interval_of_a_delta_against_all_resamples(compare, scores):
    """Against the exact distribution: medians of three repeats of b and of c, 27 draws each."""
    row = one(compare(resamples=20000), pool="all", task="t2")
    offsets = [
        np.median(draw) for draw in np.array(np.meshgrid(*[[0, 0.01, -0.01]] * 3)).reshape(3, -1).T
    ]
    deltas = [((0.5 + b) - (0.4 + c)) / (1 - (0.4 + c)) for b in offsets for c in offsets]
    assert row["low"] == pytest.approx(np.quantile(deltas, 0.05), abs=2e-3)
    assert row["high"] == pytest.approx(np.quantile(deltas, 0.95), abs=2e-3)


def test_the_order_of_a_deltas_keys_means_nothing(compare):
    turned = [dict(reversed(delta.items())) for delta in DELTAS]
    pd.testing.assert_frame_equal(compare(turned), compare())


def test_deltas_are_seeded(compare):
    pd.testing.assert_frame_equal(compare(), compare())


def test_a_mean_delta_resamples_tasks(compare):
    row = one(mean_delta_table(compare(), resamples=200, level=0.9, seed=0), pool="all")
    assert row["tasks"] == 2
    assert row["mean_relative_delta"] == pytest.approx(0.1 / 0.6 / 2)
    assert (row["low"], row["high"]) == pytest.approx((0, 0.1 / 0.6))


def test_a_budget_beyond_the_pool_has_no_delta(compare):
    deltas = [{"first": "knn", "second": "linear", "budget": 3}, *DELTAS]
    delta = compare(deltas)
    assert delta.groupby("budget", sort=False)["pool"].unique().map(list).to_dict() == {
        3: ["all"], 1: ["all", "ab"]
    }  # fmt: skip
    assert compare([DELTAS[0] | {"budget": 9}]).empty
    assert mean_delta_table(compare([]), resamples=20, level=0.9, seed=0).empty


def test_without_repeats_there_are_no_intervals(models, scores):
    scores = scores[scores["repeat"] == 0]
    points = point_values(scores)
    picks, _ = pick_table(models, MEMBERS, points)
    known = picks, MEMBERS, scores, points
    regret = regret_table(*known, resamples=20, level=0.9, seed=0)
    delta = delta_table(*known, DELTAS, resamples=20, level=0.9, seed=0)
    assert regret[["low", "high"]].isna().all(axis=None)
    assert delta[["low", "high"]].isna().all(axis=None)
    assert regret["relative_regret"].notna().any()
