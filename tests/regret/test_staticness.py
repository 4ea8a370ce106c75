"""How static pools are, from accuracies worked by hand and by trying everything."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from examples import MEMBERS, one
from needle.regret.comparison import strategy_table
from needle.regret.formulas import relative_regret
from needle.regret.regret_table import regret_table
from needle.regret.staticness import (
    STATICNESS_COLUMNS,
    explained_by_means,
    static_order,
    static_regrets,
    staticness_table,
)

NAN = np.nan
# Coarse, so that ties are common.
TABLES = st.tuples(st.integers(1, 4), st.integers(1, 5)).flatmap(
    lambda shape: arrays(float, shape, elements=st.integers(0, 10).map(lambda k: k / 10))
)


def test_what_is_the_same_on_all_tasks_is_explained():
    models = np.array([0.1, 0.5, 0.6])
    tasks = np.array([[0.0], [0.3]])
    assert explained_by_means(tasks + models) == pytest.approx((1, 0.5))


def test_explained_by_hand():
    # Centred: -.2 0 .2; .1 0 -.1. Means -.05 0 .05. Between 2 x .005, in all .08 + .02.
    share, chance = explained_by_means([[0.1, 0.3, 0.5], [0.6, 0.5, 0.4]])
    assert (share, chance) == pytest.approx((0.01 / 0.1, 1 / 2))


@pytest.mark.parametrize(
    "accuracies",
    [
        [[0.1, 0.4, 0.8], [0.9, 0.3, 0.5]],
        [[0.1, 0.4, 0.8], [0.9, NAN, 0.5], [NAN, 0.1, 0.3]],
    ],
)
def test_chance_is_the_mean_over_all_ways_to_deal_out_the_accuracies(accuracies):
    known = [[value for value in row if value == value] for row in accuracies]
    shares = []
    for dealt in itertools.product(*map(itertools.permutations, known)):
        table = np.array(accuracies)
        table[~np.isnan(table)] = list(itertools.chain(*dealt))
        shares.append(explained_by_means(table)[0])
    assert explained_by_means(accuracies)[1] == pytest.approx(np.mean(shares))


def test_models_that_do_not_differ_leave_nothing_to_explain():
    assert np.isnan(explained_by_means([[0.3, 0.3], [0.7, NAN]])).all()


@given(TABLES)
def test_a_share_is_a_share_and_a_gapless_chance_is_one_of_the_tasks(accuracies):
    share, chance = explained_by_means(accuracies)
    if share == share:
        assert -1e-12 <= share <= 1 + 1e-12
        assert chance == pytest.approx(1 / len(accuracies))


@given(TABLES)
def test_the_first_pick_is_the_best_there_is_and_later_ones_are_greedy(accuracies):
    models = accuracies.shape[1]
    order = static_order(accuracies, models)
    assert sorted(order) == list(range(models))
    oracles = accuracies.max(axis=1)

    def left(picks):
        return relative_regret(oracles, accuracies[:, list(picks)].max(axis=1)).mean()

    regrets = static_regrets(accuracies, order)
    for budget in range(1, models + 1):
        before = order[: budget - 1]
        best = min(left([*before, model]) for model in range(models) if model not in before)
        assert regrets[budget - 1] == pytest.approx(best)
    assert regrets[-1] == pytest.approx(0)


def test_a_pick_that_is_missing_on_a_task_is_passed_over():
    accuracies = np.array([[0.9, 0.8, 0.6], [NAN, 0.8, 0.6]])
    order = static_order(accuracies, 2)
    # a leaves 0 and, as of 0.7 drawn at random, a third; b a half and 0.
    assert order == [0, 1]
    # On the second task the order begins with b.
    assert static_regrets(accuracies, order) == pytest.approx([0, 0, 0])
    # Without b in the order, one of the two that are left there is drawn.
    assert static_regrets(accuracies, order[:1])[0] == pytest.approx((0 + 1 / 3) / 2)


def test_the_table_beside_the_best_strategy(regret, scores, points):
    compared = strategy_table(regret, [1, 2], "linear", None, 20, 0.9, 0)
    table = staticness_table(MEMBERS, points, compared, [2, 1, 7])
    assert list(table.columns) == STATICNESS_COLUMNS
    assert table[["pool", "budget"]].to_numpy().tolist() == [
        ["all", 1], ["all", 2], ["ab", 1], ["ab", 2]
    ]  # fmt: skip
    # Relative regret: a (.1 / .2, 0), b (.2 / .3, .1 / .5), c (0, .2 / .6).
    row = one(table, pool="all", budget=1)
    assert (row["tasks"], row["models"], row["static_order"]) == (2, 3, "c")
    assert row["static_regret"] == pytest.approx(1 / 6)
    assert one(table, pool="all", budget=2)["static_order"] == "c;a"
    assert one(table, pool="all", budget=2)["static_regret"] == 0
    shown = compared[(compared["pool"] == "all") & (compared["budget"] == 1)]
    able = shown[(shown["ranked"] == shown["tasks"]) & (shown["strategy"] != "oracle-average")]
    assert row["best_regret"] == able["mean_relative_regret"].min()
    assert row["best_strategy"] in able["strategy"].tolist()


def test_a_static_strategy_has_the_regret_that_its_order_has(models, scores, points):
    """The same through picks and regret tables, as for any strategy."""
    accuracies = points["finetune"].unstack("model")[MEMBERS["all"]]
    order = static_order(accuracies.to_numpy(), 3)
    picks = pd.DataFrame(
        [("all", "static", task, rank, MEMBERS["all"][place], rank)
         for task in accuracies.index for rank, place in enumerate(order, 1)],
        columns=["pool", "strategy", "task", "rank", "model", "tied_rank"],
    )  # fmt: skip
    table = regret_table(picks, {"all": MEMBERS["all"]}, scores, points, 2, 0.9, 0)
    expected = table[table["strategy"] == "static"].groupby("budget")["relative_regret"].mean()
    assert static_regrets(accuracies.to_numpy(), order) == pytest.approx(expected.to_numpy())
