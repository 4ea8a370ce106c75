"""Seconds, steps and cost of the strategies, from three models worked by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import MEMBERS
from needle.strategies.registry import strategies
from needle.tables.cost import cost_table, spending_table, spent, spent_halving
from needle.tables.equal_cost import equal_cost_table

STAGES = ("embedding", "linear", "partial-25", "partial-50", "partial-100", "finetune")
SECONDS = {
    # embedding, linear, fine-tuning to 25, 50 and 100 % with measuring, fine-tuning
    ("t1", "a"): (1, 10, 26, 52, 102, 100),
    ("t1", "b"): (2, 20, 53, 106, 206, 200),
    ("t1", "c"): (3, 30, 151, 302, 602, 600),
    ("t2", "a"): (4, 40, 101, 202, 402, 400),
    ("t2", "b"): (5, 50, 126, 252, 502, 500),
    ("t2", "c"): (6, 60, 226, 452, 902, 900),
}
STEPS = (0, 0, 25, 50, 100, 100)
# On t1 a and c go on, c is ranked first; on t2 all but b go on, a diverges then.
PARTIAL = {
    ("t1", "a"): (0.5, 0.6), ("t1", "b"): (0.4, 0.9), ("t1", "c"): (0.6, 0.7),
    ("t2", "a"): (0.3, np.nan), ("t2", "b"): (0.2, 0.9), ("t2", "c"): (0.3, 0.4),
}  # fmt: skip
STRATEGIES = strategies(["linear", "partial-25", "partial-50"])
RANKINGS = {
    ("all", "task-agnostic", "t1"): "ba",  # ends early
    ("all", "linear", "t1"): "cab",
    ("all", "hybrid-linear", "t1"): "bca",
    ("all", "oracle-average", "t1"): "abc",
    ("ab", "linear", "t1"): "ab",
}
RANKINGS |= {(pool, strategy, "t2"): models for (pool, strategy, _), models in RANKINGS.items()}
RANKINGS |= {("all", "halving", "t1"): "cab", ("all", "halving", "t2"): "cb"}


@pytest.fixture
def seconds():
    rows = [
        (model, task, stage, value, steps)
        for (task, model), values in SECONDS.items()
        for stage, value, steps in zip(STAGES, values, STEPS, strict=True)
    ]
    return pd.DataFrame(rows, columns=["model", "task", "stage", "seconds", "steps"])


@pytest.fixture
def picks():
    rows = [
        (*key, rank, model, rank)
        for key, ranking in RANKINGS.items()
        for rank, model in enumerate(ranking, start=1)
    ]
    return pd.DataFrame(rows, columns=["pool", "strategy", "task", "rank", "model", "tied_rank"])


@pytest.fixture
def regret():
    names = dict.fromkeys((pool, strategy) for pool, strategy, _ in RANKINGS)
    rows = [
        (pool, strategy, budget, task, regret / budget)
        for pool, strategy in [*names, ("all", "random")]
        for budget in range(1, len(MEMBERS[pool]) + 1)
        for task, regret in (("t1", 0.2), ("t2", 0.4))
    ]
    return pd.DataFrame(rows, columns=["pool", "strategy", "budget", "task", "relative_regret"])


@pytest.fixture
def partial_points():
    points = pd.DataFrame.from_dict(PARTIAL, orient="index", columns=["partial-25", "partial-50"])
    points.index = pd.MultiIndex.from_tuples(points.index, names=["task", "model"])
    return points.assign(finetune=0.5)


@pytest.fixture
def spend(seconds, picks, regret, partial_points):
    def spend(seconds=seconds, picks=picks, members=MEMBERS):
        return spending_table(seconds, picks, members, regret, STRATEGIES, partial_points)

    return spend


def by_budget(table, pool, strategy):
    chosen = table[(table["pool"] == pool) & (table["strategy"] == strategy)]
    assert chosen["budget"].tolist() == list(range(1, len(MEMBERS[pool]) + 1))
    return chosen


@pytest.mark.parametrize(
    ("pool", "strategy", "first", "second"),
    [
        # t1 and t2 by budget; embedding and proxy of the pool cost 66 and 165.
        ("all", "linear", [66 + 600, 66 + 700, 66 + 900], [165 + 900, 165 + 1300, 165 + 1800]),
        # Its first pick, b, needs no proxy: 66 - 22 and 165 - 55 from budget 2 on.
        ("all", "hybrid-linear", [200, 44 + 800, 44 + 900], [500, 110 + 1400, 110 + 1800]),
        # It ranks b and a: the third is drawn, and only c is left.
        ("all", "task-agnostic", [200, 300, 900], [500, 900, 1800]),
        ("all", "random", [300, 600, 900], [600, 1200, 1800]),
        ("ab", "linear", [33 + 100, 33 + 300], [99 + 400, 99 + 900]),
        # t1: b to 25, a to 50, c to the end; then a, then b to the end. t2: a is lost at 50, and
        # drawn as the third.
        ("all", "halving", [53 + 52 + 602, 53 + 102 + 602, 206 + 102 + 602],
         [202 + 126 + 902, 202 + 502 + 902, 402 + 502 + 902]),
    ],
)  # fmt: skip
def test_cost_by_hand(spend, pool, strategy, first, second):
    table = by_budget(cost_table(spend()), pool, strategy)
    total = np.add(first, second)
    exhaustive = {"all": 900 + 1800, "ab": 300 + 900}[pool]
    assert table["tasks"].tolist() == [2] * len(first)
    assert table["seconds"].tolist() == pytest.approx(total / 2)
    assert table["share_of_exhaustive"].tolist() == pytest.approx(total / exhaustive)
    assert table["mean_relative_regret"].tolist() == pytest.approx(0.3 / table["budget"])


@pytest.mark.parametrize(
    ("strategy", "steps"),
    [
        ("linear", [100, 200, 300]),
        ("task-agnostic", [100, 200, 300]),
        ("random", [100, 200, 300]),
        # t1: 25 + 50 + 100, then a's other 50, b's other 75; t2: first b's other 75, then a's.
        ("halving", [(175 + 175) / 2, (225 + 250) / 2, 300]),
    ],
)
def test_steps_by_hand(spend, strategy, steps):
    assert by_budget(cost_table(spend()), "all", strategy)["steps"].tolist() == steps


def test_a_search_is_worth_the_steps_that_take_as_long(spend):
    """Each model's by its own speed: 11 of a's seconds are 11 of its steps on t1, b's 22 are 11."""
    spending = spend().set_index(["pool", "strategy", "task", "budget"])["equivalent_steps"]
    assert spending["all", "linear", "t1", 1] == pytest.approx(100 + 11 + 11 + 33 / 6)
    assert spending["all", "hybrid-linear", "t1", 2] == pytest.approx(200 + 11 + 33 / 6)
    assert spending["all", "halving", "t1", 1] == 175


def test_oracles_are_left_out(spend):
    assert "oracle-average" not in set(spend()["strategy"])


def test_a_missing_second_leaves_the_cost_open(spend, seconds):
    lost = seconds[["model", "task", "stage"]].isin(["c", "t1", "linear"]).all(axis=1)
    spending = spend(seconds=seconds[~lost])
    table = cost_table(spending)
    assert by_budget(table, "all", "linear")["seconds"].isna().all()
    assert by_budget(table, "all", "linear")["steps"].isna().all()
    hybrid = by_budget(table, "all", "hybrid-linear")
    assert hybrid["seconds"].isna().tolist() == [False, True, True]
    for pool, strategy in (("all", "random"), ("all", "halving"), ("ab", "linear")):
        assert by_budget(table, pool, strategy)["seconds"].notna().all()
    bought = equal_cost_table(spending, 20, 0.9, 1).set_index(["pool", "strategy", "cost"])
    assert bought.loc[("all", "linear", 3), "tasks"] == 1
    assert np.isnan(bought.loc[("all", "linear", 3), "mean_relative_regret"])


def test_picks_that_a_strategy_does_not_rank_cost_what_random_ones_do(spend, picks):
    lost = (picks["strategy"] == "task-agnostic") & (picks["task"] == "t2")
    agnostic = by_budget(cost_table(spend(picks=picks[~lost])), "all", "task-agnostic")
    assert agnostic["tasks"].tolist() == [2, 2, 2]
    assert agnostic["seconds"].tolist() == [(200 + 600) / 2, (300 + 1200) / 2, (900 + 1800) / 2]


def test_nothing_is_spent_on_a_model_that_is_no_candidate(spend, partial_points, picks):
    """With b gone from t1, one of a and c goes on."""
    partial_points.loc[("t1", "b"), "finetune"] = np.nan
    lost = (picks["task"] == "t1") & (picks["model"] == "b")
    spending = spend(picks=picks[~lost])
    first = spending[(spending["task"] == "t1") & (spending["pool"] == "all")]
    first = first.set_index(["strategy", "budget"])
    assert first.loc["linear", "seconds"].tolist() == [44 + 600, 44 + 700, 44 + 700]
    assert first.loc["random", "seconds"].tolist() == [350, 700, 700]
    assert first.loc["halving", "seconds"].tolist() == [26 + 602, 102 + 602, 102 + 602]
    assert set(first["exhaustive"]) == {700}


def stages_of(data, size, *names):
    """Costs of a pool in one unit, by stage."""
    positive = st.lists(st.integers(1, 1000), min_size=size, max_size=size)
    return {stage: np.array(data.draw(positive), float)[:, None] for stage in names}


@given(st.data())
def test_a_larger_budget_never_costs_less_and_all_models_cost_all(data):
    size = data.draw(st.integers(1, 6))
    stages = stages_of(data, size, "embedding", "p", "finetune")
    ranking, everyone = data.draw(st.permutations(range(size))), np.ones(size, bool)
    first = data.draw(st.integers(1, 3))
    strategy = SimpleNamespace(proxies=("p",), proxy_from=first)
    (costs,) = spent(strategy, ranking, stages, everyone).T
    assert (np.diff(costs) > 0).all()
    searched = ranking[first - 1 :]
    if first <= size:
        search = (stages["embedding"] + stages["p"])[searched].sum()
        assert costs[-1] == stages["finetune"].sum() + search


@given(st.data())
def test_halving_does_no_step_twice(data):
    """All models to the end cost that and no more; every budget adds what its model lacks."""
    size = data.draw(st.integers(1, 6))
    parts = stages_of(data, size, "partial-25", "rest", "more")
    half = parts["partial-25"] + parts["rest"]
    stages = parts | {"partial-50": half, "partial-100": half + parts["more"]}
    last = data.draw(
        st.lists(st.sampled_from(["partial-25", "partial-50"]), min_size=size, max_size=size)
    )
    ranking = data.draw(st.permutations(range(size)))
    (costs,) = spent_halving(last, ranking, stages, np.ones(size, bool)).T
    assert costs[-1] == stages["partial-100"].sum()
    for budget in range(1, size + 1):
        chosen = ranking[:budget]
        others = sum(stages[last[model]][model, 0] for model in ranking[budget:])
        assert costs[budget - 1] == stages["partial-100"][chosen].sum() + others


def test_what_the_same_cost_buys_by_hand(spend):
    """A whole fine-tuning is 100 steps; halving needs 175, linear 127.5 and 144.7."""
    table = equal_cost_table(spend(), resamples=20, level=0.9, seed=1)
    assert list(dict.fromkeys(zip(table["pool"], table["cost"], strict=True))) == [
        ("all", 1), ("all", 2), ("all", 3), ("ab", 1), ("ab", 2)]  # fmt: skip
    budgets = {
        "task-agnostic": [1, 2, 3],
        "linear": [0, 1, 2],
        # Its first pick needs no search; on t1 two cost 216.5 steps, on t2 more.
        "hybrid-linear": [1, 1, 2],
        # On t1 225 steps for two, on t2 250; on both 300 for three.
        "halving": [0, 1, 3],
        "random": [1, 2, 3],
    }
    mine = table[table["pool"] == "all"].set_index(["strategy", "cost"])
    assert {name: mine.loc[name, "mean_budget"].tolist() for name in budgets} == budgets
    for name, bought in budgets.items():
        expected = [0.3 / budget if budget else np.nan for budget in bought]
        np.testing.assert_allclose(mine.loc[name, "mean_relative_regret"], expected)
        assert mine.loc[name, "tasks"].tolist() == [2 * (budget > 0) for budget in bought]
    assert (mine.loc["random", "low"] <= mine.loc["random", "mean_relative_regret"]).all()
    assert (mine.loc["random", "high"] >= mine.loc["random", "mean_relative_regret"]).all()


def test_regret_at_a_cost_is_open_where_it_buys_nothing_on_some_task(spend, seconds):
    """On t1 the search of linear is for nothing, on t2 it takes as long as ever."""
    searches = seconds["stage"].isin(["embedding", "linear"]) & (seconds["task"] == "t1")
    spending = spend(seconds=seconds.assign(seconds=seconds["seconds"].mask(searches, 0)))
    table = equal_cost_table(spending, 20, 0.9, 1).set_index(["pool", "strategy", "cost"])
    assert table.loc[("all", "linear", 1), ["tasks", "mean_budget"]].tolist() == [1, 0.5]
    assert table.loc[("all", "linear", 1), ["mean_relative_regret", "low", "high"]].isna().all()
    assert table.loc[("all", "linear", 2), "mean_budget"] == 1.5
    assert table.loc[("all", "linear", 2), "mean_relative_regret"] == pytest.approx(0.25)


def test_a_whole_fine_tuning_is_one_that_does_not_diverge(spend, seconds):
    """a stopped after 30 steps on t1: it is cheap, and money for one still buys one of others."""
    stopped = (seconds["model"] == "a") & (seconds["task"] == "t1")
    spending = spend(seconds=seconds.assign(steps=seconds["steps"].mask(stopped, 30)))
    assert set(spending["whole_steps"]) == {100}
    first = spending.set_index(["pool", "strategy", "task", "budget"])["steps"]
    assert first["all", "task-agnostic", "t1", 2] == 130
