"""Protocols side by side: every measure worked by hand on two tasks."""

import numpy as np
import pandas as pd
import pytest

from examples import MEMBERS, one
from needle.regret.regret_table import regret_table
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table
from needle.tables.protocols import PROTOCOL_COLUMNS, protocol_table, regrets_by_protocol
from two_protocols import beside


@pytest.fixture
def regrets(models, scores):
    return regrets_by_protocol(beside(scores), models, MEMBERS, [1, 2])


@pytest.fixture
def table(scores, regrets):
    seconds = pd.DataFrame(
        [
            (model, task, stage, spent, 100.0)
            for model in "abc"
            for task in ("t1", "t2")
            for stage, spent in (("finetune", 10.0), ("finetune-modern", 4.0))
        ],
        columns=["model", "task", "stage", "seconds", "steps"],
    )
    return protocol_table(beside(scores), seconds, MEMBERS, regrets, 50, 0.9, 0)


def values(table, measure, protocol, **where):
    row = one(table, pool="all", measure=measure, protocol=protocol, **where)
    return row["value"], row["difference"], row["tasks"]


def test_what_the_protocols_reach(table):
    """c diverges under `modern` on t2, so that it does not count there."""
    assert list(table.columns) == PROTOCOL_COLUMNS
    assert values(table, "accuracy", "own")[0] == pytest.approx((0.8 + 0.55) / 2)
    assert values(table, "accuracy", "modern") == pytest.approx(((0.85 + 0.75) / 2, 0.125, 2))
    assert values(table, "best", "own")[0] == pytest.approx((0.9 + 0.6) / 2)
    assert values(table, "best", "modern")[:2] == pytest.approx(((0.9 + 0.8) / 2, 0.1))
    assert values(table, "missing", "own")[0] == 0
    assert values(table, "missing", "modern")[0] == 0.5
    assert values(table, "seconds", "modern")[:2] == pytest.approx((4, -6))


def test_how_far_they_agree(table):
    # On t1, c > a > b becomes a > b > c; on t2 two models are left.
    assert values(table, "kendall", "modern")[0] == pytest.approx(-1 / 3)
    assert values(table, "kendall", "modern")[2] == 1
    # c has 0.8 where a has 0.9, and a 0.7 where b has 0.8.
    found = values(table, "regret_of_own_best", "modern")[0]
    assert found == pytest.approx((0.1 / 0.2 + 0.1 / 0.3) / 2)


def test_a_strategy_is_judged_under_each(table):
    mine = {"strategy": "linear", "budget": 1}
    assert values(table, "achieved", "own", **mine)[0] == pytest.approx((0.7 + 0.4) / 2)
    assert values(table, "achieved", "modern", **mine)[0] == pytest.approx((0.85 + 0.7) / 2)
    own = (0.2 / 0.3 + 0.2 / 0.6) / 2
    # c, which linear ranks first on t2, is no candidate there under `modern`.
    modern = (0.05 / 0.15 + 0.1 / 0.3) / 2
    assert values(table, "relative_regret", "own", **mine)[0] == pytest.approx(own)
    found = values(table, "relative_regret", "modern", **mine)
    assert found == pytest.approx((modern, modern - own, 2))


def test_what_choosing_is_worth(table):
    assert values(table, "gain_of_model", "own")[0] == pytest.approx((0.1 + 0.05) / 2)
    assert values(table, "gain_of_model", "modern")[:2] == pytest.approx((0.05, -0.025))
    model, protocol = [0.075, 0.05], [(0.05 + 0.075 + 0.05) / 3, 0.1]  # by task
    assert values(table, "gain_of_model", "")[0] == pytest.approx(np.mean(model))
    assert values(table, "gain_of_protocol", "")[0] == pytest.approx(np.mean(protocol))
    assert values(table, "gain_of_both", "")[0] == pytest.approx((0.075 + 0.15) / 2)
    found = values(table, "model_minus_protocol", "")[0]
    assert found == pytest.approx(np.mean(model) - np.mean(protocol))
    # All repeats of an accuracy lie alike around it: none has luck.
    for measure in ("gain_of_model", "gain_of_protocol", "gain_of_both", "model_minus_protocol"):
        held_out = values(table, f"{measure}_held_out", "")[0]
        assert held_out == pytest.approx(values(table, measure, "")[0])


def test_the_own_protocol_has_the_regret_of_the_run(models, scores, regrets):
    points = point_values(scores)
    picks, _ = pick_table(models, MEMBERS, points)
    expected = regret_table(picks, MEMBERS, scores, points, 10, 0.9, 0)
    keys = ["pool", "strategy", "budget", "task"]
    own = regrets[regrets["protocol"] == "own"].set_index(keys)
    expected = expected[expected["budget"] <= 2].astype({"strategy": str}).set_index(keys)
    for column in ("achieved", "relative_regret", "drawn"):
        assert own[column].to_dict() == expected[column].to_dict()


def test_without_seconds_and_repeats_there_is_less(scores, models):
    single = beside(scores)
    single = single[single["repeat"] == 0]
    regrets = regrets_by_protocol(single, models, MEMBERS, [1])
    table = protocol_table(single, None, MEMBERS, regrets, 50, 0.9, 0)
    assert "seconds" not in set(table["measure"])
    assert np.isnan(values(table, "gain_of_protocol_held_out", "")[0])
    assert values(table, "gain_of_protocol", "")[0] > 0
