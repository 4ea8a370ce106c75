"""The comparison of strategies, from regrets worked by hand."""

import numpy as np
import pandas as pd
import pytest

from compared import LEVEL, REGRET, compare, regret
from examples import one
from needle.regret.comparison import STRATEGY_COLUMNS
from needle.regret.uncertainty import mean_interval


def test_rows_are_sorted_within_pool_and_budget():
    table = compare(regret())
    assert list(table.columns) == STRATEGY_COLUMNS
    order = ["oracle-average", "sure", "linear", "mixed", "bad"]
    assert table["strategy"].tolist() == 4 * order
    assert table["pool"].tolist() == 10 * ["small"] + 10 * ["all"]
    assert table["budget"].tolist() == 2 * (5 * [1] + 5 * [2])


def test_means_and_paired_differences_by_hand():
    table = compare(regret())
    sure = one(table, pool="all", budget=1, strategy="sure")
    assert sure["mean_relative_regret"] == pytest.approx(0.45)
    assert sure["tasks"] == 8
    # However tasks are drawn, the difference is the same: the comparison is paired.
    assert sure[["difference", "difference_low", "difference_high"]].tolist() == pytest.approx(
        [-0.1] * 3
    )
    assert sure["low"] < 0.4 < 0.5 < sure["high"]
    assert sure["verdict"] == "better"
    assert one(table, pool="all", budget=2, strategy="bad")["difference"] == pytest.approx(0.025)
    assert one(table, pool="all", budget=2, strategy="bad")["verdict"] == "worse"
    mixed = one(table, pool="all", budget=1, strategy="mixed")
    assert mixed["difference_low"] < 0 < mixed["difference_high"]
    assert mixed["verdict"] == ""
    baseline = one(table, pool="all", budget=1, strategy="linear")
    assert np.isnan(baseline["difference"])
    assert baseline["verdict"] == ""


def test_p_values_are_corrected_for_all_comparisons_of_a_pool():
    table = compare(regret())
    mine = table[table["pool"] == "all"].set_index(["budget", "strategy"])
    # Ahead on all of 8 tasks, or behind; mixed is ahead on half of them.
    assert mine.loc[(1, "sure"), "p_value"] == mine.loc[(2, "bad"), "p_value"] == 2 / 2**8
    assert mine.loc[(1, "mixed"), "p_value"] == 1
    # Six are compared: the oracle cannot be followed, and the baseline is not.
    assert mine.loc[(1, "sure"), "p_holm"] == mine.loc[(2, "bad"), "p_holm"] == 6 * 2 / 2**8
    assert np.isnan(mine.loc[(1, "oracle-average"), "p_holm"])
    assert mine.loc[(1, "oracle-average"), "p_value"] == 2 / 2**8
    assert mine.loc[(1, "oracle-average"), "verdict"] == ""
    assert mine.loc[(1, "linear"), ["p_value", "p_holm"]].isna().all()


def test_what_is_significant_alone_may_not_be_among_many():
    shown = regret(tasks=7)
    assert compare(shown, budgets=(1,))["verdict"].tolist().count("better") == 2
    both = compare(shown)
    assert (both["p_value"] < 0.05).sum() == 12
    assert (both["verdict"] == "").all()  # 6 x 2 / 2^7


def test_what_ranks_too_few_models_has_no_verdict():
    table = regret()
    gone = (table["strategy"] == "sure") & (table["task"] == "t3") & (table["budget"] == 1)
    compared = compare(table.assign(drawn=gone.astype(int)))
    row = one(compared, pool="all", budget=1, strategy="sure")
    assert (row["tasks"], row["ranked"], row["verdict"]) == (8, 7, "")
    assert row["difference_high"] < 0
    assert one(compared, pool="all", budget=2, strategy="sure")["verdict"] == "better"
    assert one(compared, pool="all", budget=1, strategy="bad")["verdict"] == "worse"


def test_nothing_is_better_than_a_baseline_that_ranks_too_few_models():
    table = regret()
    gone = (table["strategy"] == "linear") & (table["task"] == "t3") & (table["budget"] == 1)
    compared = compare(table.assign(drawn=gone.astype(int)))
    assert (compared.loc[compared["budget"] == 1, "verdict"] == "").all()
    assert one(compared, pool="all", budget=2, strategy="sure")["verdict"] == "better"


def test_intervals_are_those_of_the_mean_regret_table():
    from needle.tables.summary import mean_regret_table

    table = regret().assign(expected_relative_regret=0.0)
    expected = mean_regret_table(table, 500, LEVEL, 1).set_index(["pool", "budget", "strategy"])
    found = compare(table).set_index(["pool", "budget", "strategy"])
    columns = ["mean_relative_regret", "low", "high"]
    pd.testing.assert_frame_equal(found[columns], expected.loc[found.index, columns])


def test_cost_stands_beside_where_it_is_known():
    cost = pd.DataFrame(
        [("all", "sure", 1, 12.5, 100.0), ("all", "linear", 1, 7.0, 50.0)],
        columns=["pool", "strategy", "budget", "seconds", "steps"],
    )
    table = compare(regret(), cost=cost)
    row = one(table, pool="all", budget=1, strategy="sure")
    assert (row["seconds"], row["steps"]) == (12.5, 100)
    assert np.isnan(one(table, pool="small", budget=1, strategy="sure")["seconds"])
    seconds_only = compare(regret(), cost=cost.drop(columns="steps"))
    assert seconds_only["steps"].isna().all()


def test_an_interval_against_the_bootstrap_itself():
    row = one(compare(regret(), resamples=2000), pool="all", budget=1, strategy="mixed")
    rng = np.random.default_rng(5)
    deltas = REGRET["mixed"] - REGRET["linear"]
    samples = [rng.choice(deltas, 8).mean() for _ in range(4000)]
    assert row["difference_low"] == pytest.approx(np.quantile(samples, 0.025), abs=0.03)
    assert mean_interval(deltas, 2000, LEVEL, 3)[0] == pytest.approx(
        row["difference_low"], abs=0.03
    )
