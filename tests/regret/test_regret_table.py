"""The regret table of a run, from scores worked by hand."""

import numpy as np
import pytest

from examples import MEMBERS, one
from needle.base.errors import NeedleError
from needle.regret.regret_table import regret_table
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table, score_gaps


def test_regret_of_linear_by_hand(regret):
    row = one(regret, pool="all", strategy="linear", budget=1, task="t1")
    assert row["oracle"] == pytest.approx(0.9)
    assert row["achieved"] == pytest.approx(0.7)  # b
    assert row["absolute_regret"] == pytest.approx(0.2)
    assert row["relative_regret"] == pytest.approx(2 / 3)
    assert row["low"] <= row["relative_regret"] <= row["high"]
    assert one(regret, pool="all", strategy="linear", budget=3, task="t1")["relative_regret"] == 0


def test_the_oracle_is_of_the_pool(regret):
    row = one(regret, pool="ab", strategy="linear", budget=1, task="t1")
    assert row["oracle"] == pytest.approx(0.8)
    assert row["relative_regret"] == pytest.approx(1 / 3)


def test_random_is_an_expectation(regret):
    row = one(regret, pool="all", strategy="random", budget=2, task="t1")
    assert row["achieved"] == pytest.approx((0.9 + 0.9 + 0.8) / 3)


def test_a_tie_counts_with_all_its_orders(regret):
    # t2: c, then a and b tie. With B = 2: a gives zero regret, b 0.1 of the 0.5 that are left.
    row = one(regret, pool="all", strategy="linear", budget=2, task="t2")
    assert row["relative_regret"] == 0
    assert row["expected_relative_regret"] == pytest.approx((0 + 0.1 / 0.5) / 2)
    untied = one(regret, pool="all", strategy="linear", budget=2, task="t1")
    assert untied["expected_relative_regret"] == untied["relative_regret"]


def test_a_diverged_pair_is_named_and_left_out(models, scores):
    scores.loc[(scores["model"] == "c") & (scores["task"] == "t1")
               & (scores["score"] == "finetune"), "value"] = np.nan  # fmt: skip
    points = point_values(scores)
    picks, _ = pick_table(models, MEMBERS, points)
    gaps = score_gaps(models, MEMBERS, scores, points)
    assert one(gaps, kind="diverged", model="c")["task"] == "t1"
    regret = regret_table(picks, MEMBERS, scores, points, resamples=20, level=0.9, seed=0)
    row = one(regret, pool="all", strategy="linear", budget=3, task="t1")
    assert row["oracle"] == pytest.approx(0.8)
    assert row["relative_regret"] == 0


def test_a_task_without_oracle_is_named_and_left_out(models, scores):
    scores.loc[(scores["task"] == "t1") & (scores["score"] == "finetune"), "value"] = np.nan
    points = point_values(scores)
    picks, _ = pick_table(models, MEMBERS, points)
    regret = regret_table(picks, MEMBERS, scores, points, resamples=20, level=0.9, seed=0)
    assert set(regret["task"]) == {"t2"}
    gaps = score_gaps(models, MEMBERS, scores, points)
    assert gaps.loc[gaps["kind"] == "no oracle", "pool"].tolist() == ["all", "ab"]


def test_no_oracle_anywhere_is_an_error(models, scores):
    scores.loc[scores["score"] == "finetune", "value"] = np.nan
    points = point_values(scores)
    picks, _ = pick_table(models, MEMBERS, points)
    with pytest.raises(NeedleError, match="no model has a fine-tune accuracy on any task"):
        regret_table(picks, MEMBERS, scores, points, resamples=20, level=0.9, seed=0)
