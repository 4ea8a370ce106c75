"""Models hidden from the strategies that learn, as if they were new."""

import numpy as np
import pandas as pd
import pytest

from examples import one
from needle.regret import hidden_models
from needle.regret.hidden_models import (
    BEST,
    FAMILY,
    HIDDEN_COLUMNS,
    MODEL,
    NOTHING,
    as_new,
    families_of,
    hidden_table,
    learning,
)
from needle.regret.regret_table import regret_table
from needle.scores.known import known_of
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table

BOOTSTRAP = 50, 0.9, 0
# On all tasks a is best and c is worst; without a's results b is taken for the best.
SAME = {"a": 0.9, "b": 0.8, "c": 0.6}
TASKS = ["t1", "t2", "t3"]


def world(accuracies=None, families=("x", "y", "y"), seed=None):
    generator = np.random.default_rng(seed or 0)
    rows = [
        (
            model,
            task,
            score,
            0,
            value if score == "finetune" and seed is None else generator.random(),
        )
        for task in TASKS
        for model, value in (accuracies or SAME).items()
        for score in ("finetune", "linear")
    ]
    scores = pd.DataFrame(rows, columns=["model", "task", "score", "repeat", "value"])
    names = list(accuracies or SAME)
    models = pd.DataFrame({"model": names, "family": list(families)[: len(names)]})
    for column in ("reference_accuracy", "params", "embedding_dim", "upstream_examples"):
        models[column] = np.nan
    models["contaminated_tasks"] = [[] for _ in names]
    return models.set_index("model", drop=False), scores, point_values(scores)


def table_of(models, points, members=None, budgets=(1, 2)):
    members = members or {"all": list(models.index)}
    return hidden_table(models, members, points, list(budgets), (), {}, BOOTSTRAP)


def test_known_average_by_hand():
    models, _, points = world()
    table = table_of(models, points)
    assert list(table.columns) == HIDDEN_COLUMNS
    known = table[(table["strategy"] == "known-average") & (table["budget"] == 1)]
    values = known.set_index("hidden")["mean_relative_regret"]
    # Without a: b, which leaves half of the errors; without b or c: a. Without the family of b
    # and c: a, which alone is ranked.
    assert values.to_dict() == pytest.approx({NOTHING: 0, MODEL: 0.5 / 3, FAMILY: 0.25, BEST: 0.5})
    assert known.set_index("hidden")["sets"].to_dict() == {NOTHING: 1, MODEL: 3, FAMILY: 2, BEST: 1}
    assert set(known["tasks"]) == {3}
    row = one(known, hidden=MODEL)
    assert row[["difference", "difference_low", "difference_high"]].tolist() == pytest.approx(
        [0.5 / 3] * 3
    )
    assert np.isnan(one(known, hidden=NOTHING)["difference"])
    # A second pick is of those that are known; the hidden one comes after them.
    second = one(table, strategy="known-average", budget=2, hidden=BEST)
    assert second["mean_relative_regret"] == pytest.approx(0.5)
    assert one(table, strategy="known-average", budget=2, hidden=MODEL)[
        "mean_relative_regret"
    ] == pytest.approx(0.5 / 3)


def test_nothing_hidden_is_the_regret_of_the_regret_table():
    models, scores, points = world(dict.fromkeys("abcd", 0.0), families="xxyz", seed=5)
    members = {"all": list("abcd"), "abd": list("abd")}
    picks, _ = pick_table(models, members, points)
    regret = regret_table(picks, members, scores, points, *BOOTSTRAP)
    expected = regret.groupby(["pool", "strategy", "budget"])["relative_regret"].mean()
    table = table_of(models, points, members, budgets=(1, 2, 3, 4))
    nothing = table[table["hidden"] == NOTHING].set_index(["pool", "strategy", "budget"])
    assert {"known-average", "nearest-tasks", "prior"} <= set(table["strategy"])
    assert set(table["pool"]) == set(members)
    for key, value in nothing["mean_relative_regret"].items():
        assert value == pytest.approx(expected[key]), key
    # All models would be picked by three picks of three, or four of four.
    assert table.groupby("pool")["budget"].max().to_dict() == {"all": 3, "abd": 2}


@pytest.mark.parametrize("name", ["known-average", "nearest-tasks", "prior"])
def test_a_hidden_model_is_ranked_whatever_it_had_reached(name):
    models, _, points = world(dict.fromkeys("abcd", 0.0), families="xxyz", seed=6)
    other = points.copy()
    other.loc[other.index.get_level_values("model") == "b", "finetune"] = [0.01, 0.99, 0.5]
    rankings = [
        learning(known_of(each, models))[name].rank(
            models, "t1", as_new(known_of(each, models), ["b"]).before("t1")
        )
        for each in (points, other)
    ]
    assert rankings[0] == rankings[1]


def test_results_of_earlier_runs_are_hidden_too_and_proxies_stay():
    models, _, points = world()
    known = as_new(known_of(points, models, earlier=[known_of(points, models)]), ["a"])
    for run in (known, *known.earlier):
        assert run.scores["finetune"]["a"].isna().all()
        assert run.scores["finetune"][["b", "c"]].notna().all(axis=None)
        assert run.scores["linear"].notna().all(axis=None)
    assert known_of(points, models).scores["finetune"]["a"].notna().all()


def test_one_family_cannot_be_hidden():
    models, _, points = world(families="xxx")
    assert set(table_of(models, points)["hidden"]) == {NOTHING, MODEL, BEST}
    models["family"] = [np.nan, "x", "y"]
    assert families_of(models) == [("b",), ("c",)]


def test_only_what_learns_is_asked_and_nobody_where_nothing_can():
    models, _, points = world()
    assert not any(
        "linear" in name or "oracle" in name for name in table_of(models, points)["strategy"]
    )
    one_task = points.loc[["t1"]]
    assert table_of(models, one_task).empty


def test_a_task_without_an_oracle_is_left_out():
    models, _, points = world()
    points.loc["t2", "finetune"] = np.nan
    assert set(table_of(models, points)["tasks"]) == {2}


def test_a_pool_that_is_too_large_is_left_out(monkeypatch):
    models, _, points = world()
    monkeypatch.setattr(hidden_models, "PAIRS", 6)
    table = table_of(models, points, {"all": list("abc"), "ab": list("ab")})
    assert set(table["pool"]) == {"ab"}
