"""Every strategy against rankings worked by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.scores.known import known_of
from needle.strategies.ranking import by_score
from needle.strategies.registry import strategies

PROXIES = ["linear", "knn"]


@pytest.mark.parametrize(
    ("strategy", "task", "expected"),
    [
        ("task-agnostic", "t1", ["b", "a"]),
        ("task-agnostic", "t2", ["b", "a"]),
        ("linear", "t1", ["b", "a", "c"]),
        ("linear", "t2", ["c", "a", "b"]),  # a and b tie: declared order
        ("knn", "t2", ["b", "c", "a"]),
        ("hybrid-linear", "t1", ["b", "a", "c"]),
        ("hybrid-linear", "t2", ["b", "c", "a"]),
        ("hybrid-knn", "t1", ["b", "a", "c"]),
        ("oracle-average", "t1", ["a", "c", "b"]),  # means 0.70, 0.65, 0.60
    ],
)
def test_ranking_by_hand(models, points, strategy, task, expected):
    assert (
        strategies(PROXIES)[strategy].rank(models, task, known_of(points, models)).models
        == expected
    )


def test_size_ranks_by_parameters(models, points):
    models["params"] = [2.0, 5.0, np.nan]
    ranking = strategies(PROXIES)["size"].rank(models, "t1", known_of(points, models))
    assert (ranking.models, ranking.reason) == (["b", "a"], "unknown size: c")
    models["params"] = np.nan
    skipped = strategies(PROXIES)["size"].skip(known_of(points, models))
    assert skipped == "no model has a known size"


def test_task_agnostic_says_why_it_ends(models, points):
    ranking = strategies(PROXIES)["task-agnostic"].rank(models, "t1", known_of(points, models))
    assert ranking.reason == "no reference accuracy: c"


def test_without_reference_accuracy_upstream_size_then_parameters_decide(models, points):
    models["reference_accuracy"] = np.nan
    rank = strategies(PROXIES)["task-agnostic"].rank
    assert rank(models, "t1", known_of(points, models)).models == ["c", "b", "a"]
    models.loc["c", "upstream_examples"] = np.nan
    assert rank(models, "t1", known_of(points, models)).models == ["b", "a"]
    assert (
        rank(models, "t1", known_of(points, models)).reason == "no known upstream dataset size: c"
    )


def test_a_model_without_the_proxy_is_not_ranked(models, points):
    points.loc[("t1", "b"), "linear"] = np.nan
    ranking = strategies(PROXIES)["linear"].rank(models, "t1", known_of(points, models))
    assert ranking.models == ["a", "c"]
    assert ranking.reason == "no linear score: b"


def test_ties_keep_the_order_of_the_pool(models, points):
    points["knn"] = 0.5
    rank = strategies(PROXIES)["knn"].rank
    assert rank(models, "t1", known_of(points, models)).models == ["a", "b", "c"]
    assert rank(models.loc[["c", "a"]], "t1", known_of(points, models)).models == ["c", "a"]


def test_tied_models_share_their_rank(models, points):
    points["knn"] = [0.5, 0.5, 0.3, 0.2, 0.3, 0.3]
    rank = strategies(PROXIES)["knn"].rank
    assert rank(models, "t1", known_of(points, models)).tied_ranks == [1, 1, 3]
    assert rank(models, "t2", known_of(points, models)).tied_ranks == [1, 1, 3]
    # b, the task-agnostic pick, stands alone; with it gone, a and c are apart.
    assert strategies(PROXIES)["hybrid-knn"].rank(
        models, "t1", known_of(points, models)
    ).tied_ranks == [1, 2, 3]


def test_later_keys_break_ties_and_missing_ones_tie():
    pool = pd.DataFrame({"examples": [9, 9, 9, 9], "params": [1, np.nan, np.nan, 2]}, list("abcd"))
    ranking = by_score(pool, pool["examples"], pool["params"], missing="no size")
    assert ranking.groups == [["d"], ["a"], ["b", "c"]]


def test_without_a_task_agnostic_pick_there_is_no_hybrid(models, points):
    models[["reference_accuracy", "upstream_examples"]] = np.nan
    ranking = strategies(PROXIES)["hybrid-linear"].rank(models, "t1", known_of(points, models))
    assert ranking.models == []
    assert ranking.reason.startswith("no task-agnostic pick: no known upstream dataset size: a")


def test_strategies_see_only_the_pool(models, points):
    known = known_of(points, models)
    able = [each for each in strategies(PROXIES).values() if not each.skip(known)]
    assert len(able) >= 6
    for strategy in able:
        assert set(strategy.rank(models.loc[["a", "c"]], "t1", known).models) <= {"a", "c"}


@given(st.permutations(["a", "b", "c"]))
def test_without_ties_the_order_of_the_rows_changes_nothing(order):
    from examples import POINTS  # fixtures are not made anew for each example

    points = pd.DataFrame.from_dict(
        {(task, m): POINTS[task, m] for task in ("t1",) for m in order}, orient="index"
    )
    points.index.names = ["task", "model"]
    pool = pd.DataFrame({"reference_accuracy": {"a": 0.5, "b": 0.7, "c": 0.1}}).loc[list(order)]
    known = known_of(points, pool.assign(upstream_examples=np.nan, params=np.nan))
    able = {name: s for name, s in strategies(PROXIES).items() if not s.skip(known)}
    assert len(able) == 6
    for name, strategy in able.items():
        expected = {"oracle-average": "cab", "knn": "abc", "hybrid-knn": "bac"}.get(name, "bac")
        assert "".join(strategy.rank(pool, "t1", known).models) == expected
