"""Who is picked, and what is named of what is missing."""

import numpy as np
import pandas as pd

from examples import MEMBERS, one
from needle.scores.score_table import point_values
from needle.strategies.picks import GAP_COLUMNS, pick_table, proxy_gaps, score_gaps


def test_short_rankings_are_named_with_their_reason(models, points):
    picks, gaps = pick_table(models, MEMBERS, points)
    agnostic = picks[(picks["strategy"] == "task-agnostic") & (picks["task"] == "t1")]
    assert agnostic[agnostic["pool"] == "all"]["model"].tolist() == ["b", "a"]
    row = one(gaps, pool="all", strategy="task-agnostic", task="t2")
    assert row["reason"] == "no reference accuracy: c"


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


def test_a_missing_result_changes_only_its_task(models, points):
    """Rankings that are one for all tasks are still made anew where a model is no candidate."""
    before, _ = pick_table(models, MEMBERS, points)
    points.loc[("t1", "b"), "finetune"] = np.nan
    after, _ = pick_table(models, MEMBERS, points)
    first = after[(after["task"] == "t1") & (after["pool"] == "all")]
    assert "b" not in set(first["model"])
    assert first.loc[first["strategy"] == "task-agnostic", "model"].tolist() == ["a"]
    fixed = ~before["strategy"].isin(["oracle-average", "known-average"])  # these learn from t1
    unchanged = before[fixed & (before["task"] == "t2")].reset_index(drop=True)
    fixed = ~after["strategy"].isin(["oracle-average", "known-average"])
    found = after[fixed & (after["task"] == "t2")].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, unchanged)


def test_a_task_without_any_result_is_still_ranked(models, points):
    """Nothing can be said of regret there, but the picks are of use."""
    points.loc["t1", "finetune"] = np.nan
    picks, _ = pick_table(models, MEMBERS, points)
    mine = picks[(picks["task"] == "t1") & (picks["pool"] == "all")]
    assert mine.loc[mine["strategy"] == "linear", "model"].tolist() == ["b", "a", "c"]
    models.at["b", "contaminated_tasks"] = ["t1"]
    picks, _ = pick_table(models, MEMBERS, points)
    assert "b" not in set(picks.loc[picks["task"] == "t1", "model"])


def test_the_oracle_of_the_average_does_not_reward_easy_tasks(models, points):
    """a lacks the hard task t2: its mean is the highest, but c beats it where both have results."""
    points["finetune"] = [0.80, 0.70, 0.90, np.nan, 0.10, 0.20]
    picks, _ = pick_table(models, MEMBERS, points)
    mine = picks[(picks["pool"] == "all") & (picks["strategy"] == "oracle-average")]
    # Ease is 0.8 and 0.15: a is at 0 above it, b at -0.075, c at 0.075.
    assert mine.loc[mine["task"] == "t1", "model"].tolist() == ["c", "a", "b"]


def test_an_oracle_of_1_is_named(models, scores):
    scores.loc[(scores["model"] == "c") & (scores["task"] == "t1")
               & (scores["score"] == "finetune"), "value"] = 1.0  # fmt: skip
    gaps = score_gaps(models, MEMBERS, scores, point_values(scores))
    assert one(gaps)[["kind", "pool", "task"]].tolist() == ["oracle of 1", "all", "t1"]


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
    assert {"prior", "portfolio"} <= set(skipped.index)  # there is one other task
    assert not set(skipped.index) & set(picks["strategy"])
    assert {"linear", "known-average"} <= set(picks["strategy"])
