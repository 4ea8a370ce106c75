"""Successive halving through the real Snakefile: from fine-tuning runs to picks and cost."""

import pandas as pd
import pytest

TASKS, MODELS = ["digits", "count"], ["resnet10t.mix", "resnet10t.glyph", "resnet10t.simclr"]


@pytest.fixture(scope="module")
def results(finished):
    return finished / "results/tiny"


def reached(results, task, model, percent):
    """Median over repeats of the best over learning rates."""
    runs = pd.read_csv(results / f"finetune/{task}/{model}.csv")
    return runs.groupby("repeat")[f"val_accuracy_{percent}"].max().median()


@pytest.mark.parametrize("task", TASKS)
def test_its_picks_follow_from_the_runs(results, task):
    """Of three models the better two go on from 34 % of the steps."""
    first = sorted(MODELS, key=lambda model: -reached(results, task, model, 34))
    left = [model for model in MODELS if model in first[:2]]
    expected = [*sorted(left, key=lambda model: -reached(results, task, model, 67)), first[2]]
    picks = pd.read_csv(results / "picks.csv")
    mine = picks[(picks["strategy"] == "halving") & (picks["pool"] == "all")]
    assert mine[mine["task"] == task]["model"].tolist() == expected


def test_it_is_in_every_table_and_figure_of_the_strategies(results):
    for table in ("mean_regret", "optimal_picks", "budget_to_zero_regret", "cost", "equal_cost"):
        assert "halving" in set(pd.read_csv(results / f"tables/{table}.csv")["strategy"]), table
    assert "Successive halving" in (results / "figures/regret_by_compute.svg").read_text()
    assert (results / "figures/regret/halving.svg").stat().st_size > 5000
    assert "halving" in (results / "tables/headline.txt").read_text()


def test_partial_fine_tuning_is_no_proxy(results):
    strategies = pd.read_csv(results / "picks.csv")["strategy"].unique()
    proxies = pd.read_csv(results / "tables/correlation.csv")["proxy"].unique()
    assert {"linear", "knn"} <= set(proxies) & set(strategies)
    assert not [name for name in [*proxies, *strategies] if "partial" in name]


def test_steps_are_counted(results):
    """Three steps at each of two rates; one and two on the way."""
    cost = pd.read_csv(results / "tables/cost.csv")
    steps = cost.groupby(["pool", "strategy"])["steps"].apply(list)
    assert steps["all", "linear"] == [6, 12, 18]
    assert steps["all", "halving"] == [2 + 4 + 6, 2 + 6 + 6, 18]
    assert steps["expert", "halving"] == [6]
    seconds = pd.read_csv(results / "seconds.csv").pivot(
        index=["task", "model"], columns="stage", values="seconds"
    )
    assert (seconds["partial-34"] < seconds["partial-67"]).all()
    assert (seconds["partial-67"] < seconds["partial-100"]).all()
    assert (seconds["finetune"] < seconds["partial-100"]).all()


def test_equal_cost_is_what_can_be_afforded(results):
    table = pd.read_csv(results / "tables/equal_cost.csv")
    mine = table[table["pool"] == "all"].set_index(["strategy", "cost"])
    assert mine.loc["random", "mean_budget"].tolist() == [1, 2, 3]
    assert mine.loc["halving", "mean_budget"].tolist() == [0, 1, 3]
    assert mine.loc["halving", "mean_relative_regret"].isna().tolist() == [True, False, False]
    regret = pd.read_csv(results / "tables/mean_regret.csv").set_index(["pool", "strategy"])
    ours = regret.loc[("all", "halving")].set_index("budget")
    for column in ("mean_relative_regret", "low", "high"):
        assert mine.loc[("halving", 2), column] == pytest.approx(ours.loc[1, column])
