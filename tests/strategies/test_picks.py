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
