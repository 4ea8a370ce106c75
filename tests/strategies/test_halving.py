"""Successive halving: rounds and rankings worked by hand, and what they promise."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.run.run import read_run
from needle.scores.finished import read_score_file
from needle.scores.known import known_of
from needle.scores.score_table import point_values
from needle.strategies.halving import last_rounds, rank, skip
from workflow import ROOT, SCHEMA

# After 12, 25 and 50 % of the steps; a capital never sees the round, and would win it.
ACCURACIES = {
    "a": [0.30, 0.55, 0.60],  # 12 %: b c d e go on
    "b": [0.50, 0.40, 0.99],  # 25 %: c e go on
    "c": [0.60, 0.52, 0.70],
    "d": [0.40, 0.50, 0.98],
    "e": [0.45, 0.60, 0.71],
    "f": [0.10, 0.99, 0.99],
    "g": [0.20, 0.10, 0.10],
    "h": [0.30, 0.99, 0.10],
}
COLUMNS = ["partial-12", "partial-25", "partial-50"]


def table(accuracies, columns=COLUMNS, task="t"):
    points = pd.DataFrame.from_dict(accuracies, orient="index", columns=columns)
    return pd.concat({task: points}, names=["task", "model"]).assign(linear=0.5, finetune=0.1)


def known(points):
    return known_of(points, models=None)


def ranking(accuracies, columns=COLUMNS):
    pool = pd.DataFrame(index=list(accuracies))
    return rank(pool, "t", known(table(accuracies, columns)))


def test_ranking_by_hand():
    found = ranking(ACCURACIES)
    assert "".join(found.models) == "ec" + "db" + "ahgf"
    assert found.tied_ranks == [1, 2, 3, 4, 5, 5, 7, 8]  # a and h are level at 12 %
    assert found.reason == ""


def test_the_order_of_the_columns_is_not_that_of_the_rounds():
    mixed = {model: [values[2], values[0], values[1]] for model, values in ACCURACIES.items()}
    columns = ["partial-50", "partial-12", "partial-25"]
    assert ranking(mixed, columns).models == ranking(ACCURACIES).models


def test_of_models_that_are_level_the_first_goes_on():
    level = {model: [0.5, 0.5] for model in "cab"}
    found = ranking(level, COLUMNS[:2])
    assert "".join(found.models) == "cab"
    assert found.tied_ranks == [1, 1, 3]


def test_a_model_that_diverged_goes_no_further_and_is_not_ranked():
    """c diverges before 25 % and e before 50 %; their places are lost."""
    lost = ACCURACIES | {"c": [0.6, np.nan, np.nan], "e": [0.45, 0.6, np.nan]}
    found = ranking(lost)
    assert "".join(found.models) == "d" + "b" + "ahgf"
    assert found.reason == "no accuracy in its last round: c, e"
    assert last_rounds(np.array(list(lost.values()))).tolist() == [0, 1, 1, 2, 2, 0, 0, 0]


def test_where_most_diverge_only_the_others_go_on():
    lost = {"a": [np.nan, 0.9], "b": [np.nan, 0.9], "c": [0.1, 0.2], "d": [np.nan, 0.9]}
    found = ranking(lost, COLUMNS[:2])
    assert found.models == ["c"]
    assert found.reason.endswith("a, b, d")
    assert ranking({"a": [np.nan, 0.9]}, COLUMNS[:2]).models == []


def test_one_round_is_a_ranking_by_it():
    assert "".join(ranking({m: v[:1] for m, v in ACCURACIES.items()}, COLUMNS[:1]).models) == (
        "cbedahgf")  # fmt: skip


def test_a_task_without_partial_fine_tuning_has_no_ranking():
    points = pd.concat([table(ACCURACIES), table({"a": [np.nan] * 3}, task="u")])
    found = rank(pd.DataFrame(index=["a", "b"]), "u", known(points))
    assert found.models == []
    assert found.reason.endswith("a, b")


def test_it_is_skipped_without_partial_fine_tuning():
    points = table(ACCURACIES)
    assert skip(known(points)) == ""
    without = known(points[["linear", "finetune"]])
    assert skip(without).startswith("no partial fine-tuning: ")
    assert rank(pd.DataFrame(index=["a"]), "t", without).reason == skip(without)


def test_it_never_looks_at_the_fine_tune_accuracy():
    points = table(ACCURACIES)
    pool = pd.DataFrame(index=list(ACCURACIES))
    shuffled = points.assign(finetune=np.random.default_rng(0).random(len(points)))
    assert rank(pool, "t", known(shuffled)) == rank(
        pool, "t", known(points.drop(columns="finetune"))
    )


values = st.one_of(st.just(np.nan), st.integers(0, 5).map(lambda n: n / 5))


@given(st.data())
def test_rounds_halve_and_a_later_round_ranks_first(data):
    models, rounds = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 4))
    rows = st.lists(values, min_size=rounds, max_size=rounds)
    accuracies = np.array(data.draw(st.lists(rows, min_size=models, max_size=models)))
    last = last_rounds(accuracies)
    left = np.arange(models)
    for number in range(rounds - 1):
        going_on = np.flatnonzero(last > number)
        reached = accuracies[left, number]
        assert set(going_on) <= set(left)
        assert len(going_on) == min((len(left) + 1) // 2, np.count_nonzero(~np.isnan(reached)))
        out = accuracies[sorted(set(left) - set(going_on)), number]
        if len(going_on) and not np.isnan(out).all():
            assert accuracies[going_on, number].min() >= np.nanmax(out)
        left = going_on
    names = [f"m{n}" for n in range(models)]
    columns = [f"partial-{10 * n}" for n in range(1, rounds + 1)]
    found = ranking(dict(zip(names, accuracies.tolist(), strict=True)), columns)
    ranked = [last[names.index(name)] for name in found.models]
    assert ranked == sorted(ranked, reverse=True)


@given(st.permutations(list(ACCURACIES)))
def test_without_ties_the_order_of_the_models_changes_nothing(order):
    apart = ACCURACIES | {"h": [0.29, 0.99, 0.10]}
    assert "".join(ranking({model: apart[model] for model in order}).models) == "ecdbahgf"


@pytest.mark.parametrize("models", [1, 2, 3, 5, 8, 46])
def test_rounds_by_number_of_models(models):
    """The better half goes on, one more if their number is odd."""
    accuracies = np.linspace(0, 1, models)[:, None].repeat(3, axis=1)
    half = (models + 1) // 2
    quarter = (half + 1) // 2
    expected = [models - half, half - quarter, quarter]
    assert np.bincount(last_rounds(accuracies), minlength=3).tolist() == expected


SCORES = """model,task,finetune,partial-25,partial-50
a,t,80,60,70
b,t,70,65,66
c,t,75,20,30
"""


def test_finished_scores_may_bring_partial_fine_tuning(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    path = tmp_path / "own.csv"
    path.write_text(SCORES)
    config = {
        "run": "own", "seed": 1, "scores_file": str(path), "unit": "percent",
        "pools": {"all": {"label": "ALL", "where": {}}}, "budgets": [1, 2], "deltas": [],
        "uncertainty": {"resamples": 20, "level": 0.9},
    }  # fmt: skip
    run = read_run(config, SCHEMA)
    assert run.proxies == []
    points = point_values(pd.DataFrame(read_score_file(path, "percent")))
    assert rank(pd.DataFrame(index=["a", "b", "c"]), "t", known(points)).models == ["a", "b", "c"]
