"""The tables of a run, from a score table worked by hand."""

import numpy as np
import pandas as pd
import pytest

from examples import POINTS
from needle.base.errors import NeedleError
from needle.regret.regret_table import regret_table
from needle.scores.score_table import point_values
from needle.strategies.picks import GAP_COLUMNS, pick_table, proxy_gaps, score_gaps
from needle.strategies.pools import pool_members
from needle.tables.delta import delta_table, mean_delta_table
from needle.tables.noise import noise_table
from needle.tables.summary import budget_table, mean_regret_table, optimal_pick_table

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


def test_mean_regret_averages_over_tasks(regret):
    mean = mean_regret_table(regret, resamples=50, level=0.9, seed=0)
    row = one(mean, pool="all", strategy="linear", budget=1)
    # t1: b instead of c, 2/3; t2: c (0.4) instead of a (0.6), 1/3.
    assert row["tasks"] == 2
    assert row["mean_relative_regret"] == pytest.approx(1 / 2)
    assert row["low"] == pytest.approx(1 / 3)
    assert row["high"] == pytest.approx(2 / 3)


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


def test_a_tie_counts_with_all_its_orders(regret):
    # t2: c, then a and b tie. With B = 2: a gives zero regret, b 0.1 of the 0.5 that are left.
    row = one(regret, pool="all", strategy="linear", budget=2, task="t2")
    assert row["relative_regret"] == 0
    assert row["expected_relative_regret"] == pytest.approx((0 + 0.1 / 0.5) / 2)
    untied = one(regret, pool="all", strategy="linear", budget=2, task="t1")
    assert untied["expected_relative_regret"] == untied["relative_regret"]


def test_budget_to_zero_regret_counts_the_models_strictly_before_the_best(models, points):
    picks, _ = pick_table(models, MEMBERS, points)
    budgets = budget_table(picks, MEMBERS, points)
    assert one(budgets, pool="all", strategy="linear", task="t1")["budget"] == 3
    # a is the best and ties with b: rule 1 of the paper's data, only c counts.
    assert one(budgets, pool="all", strategy="linear", task="t2")["budget"] == 2
    # c, the best on t1, has no reference accuracy.
    assert one(budgets, pool="all", strategy="task-agnostic", task="t1")["budget"] is pd.NA


def test_a_model_that_saw_the_task_is_left_out_by_name(models, scores):
    models.at["b", "contaminated_tasks"] = ["t1"]
    scores = scores[(scores["model"] != "b") | (scores["task"] != "t1")]
    points = point_values(scores)
    picks, _ = pick_table(models, MEMBERS, points)
    seen = picks[(picks["task"] == "t1") & (picks["pool"] == "all")]
    assert "b" not in set(seen["model"])
    assert "b" in set(picks.loc[picks["task"] == "t2", "model"])
    # Task-agnostic search would pick b first; a comes next.
    assert seen.loc[seen["strategy"] == "hybrid-linear", "model"].tolist() == ["a", "c"]
    row = one(score_gaps(models, MEMBERS, scores, points))
    assert (row["kind"], row["task"], row["model"]) == ("left out", "t1", "b")


def test_contamination_changes_only_its_task(models, scores):
    """Rankings that are one for all tasks are still made anew where a model has seen the task."""
    points = point_values(scores)
    before, _ = pick_table(models, MEMBERS, points)
    models.at["b", "contaminated_tasks"] = ["t1"]
    after, _ = pick_table(models, MEMBERS, points)
    for strategy, kept in {"task-agnostic": ["a"], "oracle-average": ["a", "c"]}.items():
        mine = after[(after["strategy"] == strategy) & (after["pool"] == "all")]
        assert mine.loc[mine["task"] == "t1", "model"].tolist() == kept
    unchanged = before[before["task"] == "t2"].reset_index(drop=True)
    pd.testing.assert_frame_equal(after[after["task"] == "t2"].reset_index(drop=True), unchanged)


def test_a_score_that_never_was_is_named(models, scores):
    gone = (scores["model"] == "c") & (scores["task"] == "t1") & (scores["score"] == "finetune")
    scores = scores[~gone]
    row = one(score_gaps(models, MEMBERS, scores, point_values(scores)))
    assert (row["kind"], row["task"], row["model"]) == ("no score", "t1", "c")


def test_a_proxy_without_a_value_is_named_with_its_reason():
    missing = pd.DataFrame(
        [("a", "t1", "leep", "the model has no source head")],
        columns=["model", "task", "score", "reason"],
    )
    gaps = proxy_gaps(missing)
    assert list(gaps.columns) == GAP_COLUMNS
    assert gaps.iloc[0].tolist() == [
        "no value", "", "leep", "t1", "a", "the model has no source head"
    ]  # fmt: skip


def test_a_strategy_that_a_run_lacks_the_data_for_is_skipped_by_name(models, points):
    models[["reference_accuracy", "upstream_examples"]] = np.nan
    points["knn"] = np.nan
    picks, gaps = pick_table(models, MEMBERS, points)
    skipped = gaps[gaps["kind"] == "skipped strategy"].set_index("strategy")["reason"]
    assert skipped["knn"] == "no model has a knn score"
    assert skipped["hybrid-linear"].startswith("no task-agnostic pick: no model has a reference")
    assert "learned" in skipped  # there is one other task
    assert not set(skipped.index) & set(picks["strategy"])
    assert {"linear", "known-average"} <= set(picks["strategy"])


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
