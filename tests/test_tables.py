"""The tables of a run, from a score table worked by hand."""

import numpy as np
import pandas as pd
import pytest

from conftest import POINTS
from needle.errors import NeedleError
from needle.scores import point_values
from needle.tables import (
    delta_table,
    mean_regret_table,
    noise_table,
    optimal_pick_table,
    oracle_gaps,
    pick_table,
    pool_members,
    regret_table,
)

MEMBERS = {"all": ["a", "b", "c"], "ab": ["a", "b"]}


@pytest.fixture
def scores():
    rows = [
        (model, task, score, repeat, value + offset)
        for (task, model), values in POINTS.items()
        for score, value in values.items()
        for repeat, offset in enumerate([0.0, 0.01, -0.01])
    ]
    return pd.DataFrame(rows, columns=["model", "task", "score", "repeat", "value"])


@pytest.fixture
def regret(models, scores):
    points = point_values(scores)
    picks, _ = pick_table(models, MEMBERS, points)
    return regret_table(picks, MEMBERS, scores, points, resamples=50, level=0.9, seed=0)


def one(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


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


def test_short_rankings_are_named_with_their_reason(models, points):
    picks, gaps = pick_table(models, MEMBERS, points)
    agnostic = picks[(picks["strategy"] == "task-agnostic") & (picks["task"] == "t1")]
    assert agnostic[agnostic["pool"] == "all"]["model"].tolist() == ["b", "a"]
    row = one(gaps, pool="all", strategy="task-agnostic", task="t2")
    assert row["reason"] == "no reference accuracy: c"


def test_a_diverged_pair_is_named_and_left_out(models, scores):
    scores.loc[(scores["model"] == "c") & (scores["task"] == "t1")
               & (scores["score"] == "finetune"), "value"] = np.nan  # fmt: skip
    points = point_values(scores)
    picks, gaps = pick_table(models, MEMBERS, points)
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
    assert set(oracle_gaps(MEMBERS, points)["pool"]) == {"all", "ab"}


def test_no_oracle_anywhere_is_an_error(models, scores):
    scores.loc[scores["score"] == "finetune", "value"] = np.nan
    points = point_values(scores)
    picks, _ = pick_table(models, MEMBERS, points)
    with pytest.raises(NeedleError, match="no model has a fine-tune accuracy on any task"):
        regret_table(picks, MEMBERS, scores, points, resamples=20, level=0.9, seed=0)


def test_mean_regret_averages_over_tasks(regret):
    mean = mean_regret_table(regret, resamples=50, level=0.9, seed=0)
    row = one(mean, pool="all", strategy="linear", budget=1)
    # t1: b instead of c, 2/3; t2: c (0.4) instead of a (0.6), 1/3.
    assert row["tasks"] == 2
    assert row["mean_relative_regret"] == pytest.approx(1 / 2)
    assert row["low"] == pytest.approx(1 / 3)
    assert row["high"] == pytest.approx(2 / 3)


def test_delta_is_positive_where_the_first_is_better(regret):
    delta = delta_table(regret, [{"first": "task-agnostic", "second": "linear", "budget": 1}])
    # t2: task-agnostic b reaches 0.5, linear c 0.4.
    row = one(delta, pool="all", task="t2")
    assert row["relative_delta"] == pytest.approx(0.1 / 0.6)
    assert one(delta, pool="all", task="t1")["relative_delta"] == 0


def test_optimal_picks_count_tasks_without_regret(regret):
    share = optimal_pick_table(regret)
    assert one(share, pool="all", strategy="linear", budget=1)["optimal_share"] == 0
    assert one(share, pool="all", strategy="linear", budget=2)["optimal_share"] == 0.5
    assert one(share, pool="all", strategy="linear", budget=3)["optimal_share"] == 1


def test_noise_floor_by_hand():
    rows = [
        (model, "t", "finetune", repeat, value)
        for model, values in {"a": [0.5, 0.7], "b": [0.6, 0.6]}.items()
        for repeat, value in enumerate(values)
    ]
    noise = noise_table(
        pd.DataFrame(rows, columns=["model", "task", "score", "repeat", "value"])
    ).iloc[0]
    # Chosen by repeat 0: b, judged by repeat 1: 0.6 against 0.7. By repeat 1: a, 0.5 against 0.6.
    assert noise["noise_floor"] == pytest.approx((0.1 / 0.4 + 0.1 / 0.5) / 2)
    assert noise["seed_std"] == pytest.approx((np.sqrt(0.02) + 0) / 2)
    assert noise["model_std"] == pytest.approx(0)


def test_one_repeat_has_no_noise_to_measure(scores):
    noise = noise_table(scores[scores["repeat"] == 0])
    assert noise["noise_floor"].isna().all()


def test_a_pool_without_models_is_an_error(models):
    with pytest.raises(NeedleError, match=r"pools\.none\.where: selects no model"):
        pool_members(models, {"none": {"where": {"params": {"max": 1}}}})
