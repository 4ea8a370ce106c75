"""What models that were added change, beside a run that never had them."""

import numpy as np
import pandas as pd
import pytest

from examples import MEMBERS, one
from needle.regret.regret_table import regret_table
from needle.regret.without_models import newly_best, regret_without, with_and_without
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table

KEY = ["pool", "strategy", "budget", "task"]
BOOTSTRAP = 50, 0.9, 0


@pytest.fixture
def without(models, scores):
    return regret_without(["c"], scores, models, MEMBERS)


def test_it_is_the_regret_of_a_run_that_never_had_them(models, scores, without):
    fewer = scores[scores["model"] != "c"]
    points = point_values(fewer)
    members = {"all": ["a", "b"], "ab": ["a", "b"]}
    picks, _ = pick_table(models.loc[["a", "b"]], members, points)
    expected = regret_table(picks, members, fewer, points, *BOOTSTRAP)
    pd.testing.assert_frame_equal(without, expected[without.columns])


def test_a_pool_of_nobody_else_is_left_out(models, scores):
    members = MEMBERS | {"c": ["c"]}
    assert set(regret_without(["c"], scores, models, members)["pool"]) == set(MEMBERS)


@pytest.mark.parametrize("removed", [["a", "b", "c"], ["a", "b"]])
def test_without_anybody_fine_tuned_there_are_no_rows(models, scores, removed):
    scores.loc[scores["model"].eq("c") & scores["score"].eq("finetune"), "value"] = np.nan
    without = regret_without(removed, scores, models, MEMBERS)
    assert without.empty
    assert set(KEY) < set(without.columns)


def test_the_difference_by_hand(regret, without):
    table = with_and_without(regret, without, *BOOTSTRAP)
    row = one(table, pool="all", strategy="linear", budget=1)
    # linear picks b on t1 and c on t2; without c, b and then a, by declared order. With c the best
    # are c (0.9) and a (0.6), else a (0.8) and a.
    assert row["tasks"] == 2
    assert row["oracle"] == pytest.approx((0.9 + 0.6) / 2)
    assert row["oracle_without"] == pytest.approx((0.8 + 0.6) / 2)
    with_, before = np.array([0.2 / 0.3, 0.2 / 0.6]), np.array([0.1 / 0.3, 0.0])
    assert row["mean_relative_regret"] == pytest.approx(with_.mean())
    assert row["mean_relative_regret_without"] == pytest.approx(before.mean())
    assert row["difference"] == pytest.approx((with_ - before).mean())
    # Both tasks are 1/3 apart, whichever are drawn.
    assert row[["difference_low", "difference_high"]].tolist() == pytest.approx([1 / 3, 1 / 3])


def test_what_the_added_models_are_not_in_stays_as_it_is(regret, without):
    table = with_and_without(regret, without, *BOOTSTRAP)
    learns_nothing = table["pool"].eq("ab") & table["strategy"].isin(["linear", "knn", "random"])
    assert learns_nothing.sum() == 3 * 2
    assert (table.loc[learns_nothing, "difference"] == 0).all()
    # The smaller pool has no third budget.
    assert table.loc[table["pool"] == "all", "budget"].max() == 2


def test_without_an_addition_the_table_is_empty(regret, models, scores):
    nobody = regret_without(models.index, scores, models, MEMBERS)
    table = with_and_without(regret, nobody, *BOOTSTRAP)
    assert table.empty
    assert "difference_low" in table


def test_means_are_over_tasks_with_an_oracle_in_both(models, scores):
    fine = scores["score"].eq("finetune") & scores["task"].eq("t2")
    scores.loc[fine & scores["model"].isin(["a", "b"]), "value"] = np.nan
    points = point_values(scores)
    picks, _ = pick_table(models, MEMBERS, points)
    regret = regret_table(picks, MEMBERS, scores, points, *BOOTSTRAP)
    table = with_and_without(regret, regret_without(["c"], scores, models, MEMBERS), *BOOTSTRAP)
    row = one(table, pool="all", strategy="linear", budget=1)
    assert row["tasks"] == 1
    assert row["oracle"] == pytest.approx(0.9)
    assert row["difference"] == pytest.approx(0.2 / 0.3 - 0.1 / 0.3)


def test_where_they_are_the_best(points):
    # c is the best on t1 only, where it saves half of the errors of a; pool ab has no c.
    assert newly_best(points, MEMBERS, ["c"]).to_dict("records") == [
        {"pool": "all", "task": "t1", "model": "c", "accuracy": 0.9, "best_without": 0.8,
         "relative_gain": pytest.approx(0.5)}
    ]  # fmt: skip


def test_who_is_only_as_good_is_not_newly_best(points):
    points.loc[("t1", "c"), "finetune"] = 0.8
    assert newly_best(points, MEMBERS, ["c"]).empty
    # Of two new ones that are equal, the first is named.
    found = newly_best(points, {"all": ["b", "a", "c"]}, ["a", "c"])
    assert found[found["task"] == "t1"]["model"].tolist() == ["a"]


def test_where_nobody_else_has_an_accuracy_the_new_one_is_the_best(points):
    points.loc[[("t2", "a"), ("t2", "b")], "finetune"] = np.nan
    row = one(newly_best(points, MEMBERS, ["c"]), pool="all", task="t2")
    assert row["model"] == "c"
    assert np.isnan(row["best_without"])
    assert np.isnan(row["relative_gain"])
