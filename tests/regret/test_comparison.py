"""The comparison of strategies, from regrets worked by hand, and what it says in words."""

import numpy as np
import pandas as pd
import pytest

from needle.pages.comparison import comparison_page, comparison_text, reading, skipped_lines
from needle.regret.comparison import STRATEGY_COLUMNS, strategy_table
from needle.regret.uncertainty import mean_interval
from needle.strategies.picks import GAP_COLUMNS

TASKS = [f"t{n}" for n in range(8)]
LEVEL = 0.95
# Relative regret by strategy and task; the first is always 0.1 better than linear, hence so sure.
REGRET = {
    "linear": np.linspace(0.2, 0.9, 8),
    "sure": np.linspace(0.2, 0.9, 8) - 0.1,
    "mixed": np.linspace(0.2, 0.9, 8) + [0.1, -0.1] * 4,
    "bad": np.linspace(0.2, 0.9, 8) + 0.05,
    "oracle-average": np.zeros(8),
}


def regret(tasks=8, budgets=(1, 2), regrets=REGRET):
    rows = [
        (pool, strategy, budget, task, value / budget)
        for pool in ("small", "all")
        for strategy, values in regrets.items()
        for budget in budgets
        for task, value in zip(TASKS[:tasks], values, strict=False)
    ]
    columns = ["pool", "strategy", "budget", "task", "relative_regret"]
    return pd.DataFrame(rows, columns=columns)


def compare(table, budgets=(1, 2), baseline="linear", cost=None, resamples=500):
    return strategy_table(table, list(budgets), baseline, cost, resamples, LEVEL, seed=1)


def one(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


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


def test_a_difference_is_over_the_tasks_of_both():
    table = regret()
    gone = (table["strategy"] == "mixed") & table["task"].isin(TASKS[1::2])
    row = one(compare(table[~gone]), pool="all", budget=1, strategy="mixed")
    assert row["tasks"] == 4
    assert row["difference"] == pytest.approx(0.1)


def test_intervals_are_those_of_the_mean_regret_table():
    from needle.tables.summary import mean_regret_table

    table = regret().assign(expected_relative_regret=0.0)
    expected = mean_regret_table(table, 500, LEVEL, 1).set_index(["pool", "budget", "strategy"])
    found = compare(table).set_index(["pool", "budget", "strategy"])
    columns = ["mean_relative_regret", "low", "high"]
    pd.testing.assert_frame_equal(found[columns], expected.loc[found.index, columns])


def test_two_tasks_call_nothing_better():
    table = compare(regret(tasks=2))
    assert one(table, pool="all", budget=1, strategy="sure")["difference_high"] < 0
    assert (table["verdict"] == "").all()
    said = reading(table[table["pool"] == "all"], LEVEL)
    assert said[-1] == (
        "Nothing is called better or worse: one of two equal strategies is ahead on all of 2 tasks "
        "with probability 0.50."
    )
    assert not any("than it" in line for line in said)


def test_the_reading_says_what_differs_and_how_much_was_compared():
    table = compare(regret())
    assert reading(table[table["pool"] == "all"], LEVEL) == [
        "B = 1: lowest is sure with 45.0; Linear has 55.0; better than it: sure; worse than it: "
        "bad.",
        "B = 2: lowest is sure with 22.5; Linear has 27.5; better than it: sure; worse than it: "
        "bad.",
        "Of 6 comparisons with Linear, 4 have a 95% interval that excludes 0 (2 better, 2 worse); "
        "if nothing differed, chance would give about 0.3.",
    ]


def test_without_a_proxy_nothing_is_compared():
    table = compare(regret(), baseline=None)
    assert table["difference"].isna().all()
    assert "Nothing is compared" in reading(table[table["pool"] == "all"], LEVEL)[-1]


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


GAPS = pd.DataFrame(
    [
        ("skipped strategy", "", "learned", "", "", "needs <tasks>"),
        ("skipped strategy", "", "hybrid-learned", "", "", "needs <tasks>"),
        ("short ranking", "all", "knn", "t1", "", "no knn score: a"),
    ],
    columns=GAP_COLUMNS,
)


def test_skipped_strategies_are_named_by_reason():
    assert skipped_lines(GAPS) == ["Skipped: Learned and Hybrid Learned: needs <tasks>"]


def test_text_and_page():
    table, labels = compare(regret()), {"small": "SMALL <POOL>", "all": "ALL"}
    text = comparison_text(table, GAPS, labels, LEVEL)
    assert max(map(len, text.splitlines())) <= 100
    assert text.index("SMALL <POOL>") < text.index("\nALL\n===")
    assert "sure           45.0 [" in text
    assert "seconds" not in text
    page = comparison_page(table, GAPS, labels, LEVEL)
    assert "<h3>SMALL &lt;POOL&gt;</h3>" in page
    assert "needs &lt;tasks&gt;" in page
    assert page.count("<table") == 4


def test_an_interval_against_the_bootstrap_itself():
    row = one(compare(regret(), resamples=2000), pool="all", budget=1, strategy="mixed")
    rng = np.random.default_rng(5)
    deltas = REGRET["mixed"] - REGRET["linear"]
    samples = [rng.choice(deltas, 8).mean() for _ in range(4000)]
    assert row["difference_low"] == pytest.approx(np.quantile(samples, 0.025), abs=0.03)
    assert mean_interval(deltas, 2000, LEVEL, 3)[0] == pytest.approx(
        row["difference_low"], abs=0.03
    )
