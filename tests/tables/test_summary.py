"""The tables that sum up a run, from scores worked by hand."""

import pandas as pd
import pytest

from examples import MEMBERS, one
from needle.strategies.picks import pick_table
from needle.tables.summary import budget_table, mean_regret_table, optimal_pick_table


def test_mean_regret_averages_over_tasks(regret):
    mean = mean_regret_table(regret, resamples=50, level=0.9, seed=0)
    row = one(mean, pool="all", strategy="linear", budget=1)
    # t1: b instead of c, 2/3; t2: c (0.4) instead of a (0.6), 1/3.
    assert row["tasks"] == 2
    assert row["mean_relative_regret"] == pytest.approx(1 / 2)
    assert row["low"] == pytest.approx(1 / 3)
    assert row["high"] == pytest.approx(2 / 3)


def test_budget_to_zero_regret_counts_the_models_strictly_before_the_best(models, points):
    picks, _ = pick_table(models, MEMBERS, points)
    budgets = budget_table(picks, MEMBERS, points)
    assert one(budgets, pool="all", strategy="linear", task="t1")["budget"] == 3
    # a is the best and ties with b: rule 1 of the paper's data, only c counts.
    assert one(budgets, pool="all", strategy="linear", task="t2")["budget"] == 2
    # c, the best on t1, has no reference accuracy.
    assert one(budgets, pool="all", strategy="task-agnostic", task="t1")["budget"] is pd.NA


def test_optimal_picks_count_tasks_without_regret(regret):
    share = optimal_pick_table(regret)
    assert one(share, pool="all", strategy="linear", budget=1)["optimal_share"] == 0
    assert one(share, pool="all", strategy="linear", budget=2)["optimal_share"] == 0.5
    assert one(share, pool="all", strategy="linear", budget=3)["optimal_share"] == 1
