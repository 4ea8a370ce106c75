"""Seconds and cost of the strategies, from three models worked by hand."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.embeddings import Embeddings, write_embeddings
from needle.files import write_rows
from needle.seconds import seconds_of_repeat
from needle.tables.cost import cost_table, spent

SCRIPTS = Path(__file__).parents[1] / "workflow/scripts"
MEMBERS = {"all": ["a", "b", "c"], "ab": ["a", "b"]}
SECONDS = {
    # embedding, linear, fine-tuning
    ("t1", "a"): (1, 10, 100),
    ("t1", "b"): (2, 20, 200),
    ("t1", "c"): (3, 30, 600),
    ("t2", "a"): (4, 40, 400),
    ("t2", "b"): (5, 50, 500),
    ("t2", "c"): (6, 60, 900),
}
STRATEGIES = {
    "task-agnostic": SimpleNamespace(proxies=(), proxy_from=1, is_oracle=False),
    "linear": SimpleNamespace(proxies=("linear",), proxy_from=1, is_oracle=False),
    "hybrid-linear": SimpleNamespace(proxies=("linear",), proxy_from=2, is_oracle=False),
    "oracle-average": SimpleNamespace(proxies=(), proxy_from=1, is_oracle=True),
}
RANKINGS = {
    ("all", "task-agnostic"): "ba",  # ends early
    ("all", "linear"): "cab",
    ("all", "hybrid-linear"): "bca",
    ("all", "oracle-average"): "abc",
    ("ab", "linear"): "ab",
}


@pytest.fixture
def seconds():
    rows = [
        (model, task, stage, value)
        for (task, model), values in SECONDS.items()
        for stage, value in zip(("embedding", "linear", "finetune"), values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["model", "task", "stage", "seconds"])


@pytest.fixture
def picks():
    rows = [
        (pool, strategy, task, rank, model)
        for (pool, strategy), ranking in RANKINGS.items()
        for task in ("t1", "t2")
        for rank, model in enumerate(ranking, start=1)
    ]
    return pd.DataFrame(rows, columns=["pool", "strategy", "task", "rank", "model"])


@pytest.fixture
def regret():
    rows = [
        (pool, strategy, budget, task, regret / budget)
        for pool, strategy in [*RANKINGS, ("all", "random")]
        for budget in range(1, len(MEMBERS[pool]) + 1)
        for task, regret in (("t1", 0.2), ("t2", 0.4))
    ]
    return pd.DataFrame(rows, columns=["pool", "strategy", "budget", "task", "relative_regret"])


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
        ("all", "task-agnostic", [200, 300, 300], [500, 900, 900]),
        ("all", "random", [300, 600, 900], [600, 1200, 1800]),
        ("ab", "linear", [33 + 100, 33 + 300], [99 + 400, 99 + 900]),
    ],
)
def test_cost_by_hand(seconds, picks, regret, pool, strategy, first, second):
    table = by_budget(cost_table(seconds, picks, MEMBERS, regret, STRATEGIES), pool, strategy)
    total = np.add(first, second)
    exhaustive = {"all": 900 + 1800, "ab": 300 + 900}[pool]
    assert table["tasks"].tolist() == [2] * len(first)
    assert table["seconds"].tolist() == pytest.approx(total / 2)
    assert table["share_of_exhaustive"].tolist() == pytest.approx(total / exhaustive)
    assert table["mean_relative_regret"].tolist() == pytest.approx(0.3 / table["budget"])


def test_oracles_are_left_out(seconds, picks, regret):
    table = cost_table(seconds, picks, MEMBERS, regret, STRATEGIES)
    assert "oracle-average" not in set(table["strategy"])


def test_a_missing_second_leaves_the_cost_open(seconds, picks, regret):
    lost = seconds[["model", "task", "stage"]].isin(["c", "t1", "linear"]).all(axis=1)
    table = cost_table(seconds[~lost], picks, MEMBERS, regret, STRATEGIES)
    assert by_budget(table, "all", "linear")["seconds"].isna().all()
    hybrid = by_budget(table, "all", "hybrid-linear")
    assert hybrid["seconds"].isna().tolist() == [False, True, True]
    assert by_budget(table, "all", "random")["seconds"].notna().all()
    assert by_budget(table, "ab", "linear")["seconds"].notna().all()


def test_a_task_without_a_pick_does_not_count(seconds, picks, regret):
    lost = (picks["strategy"] == "task-agnostic") & (picks["task"] == "t2")
    regret.loc[
        (regret["strategy"] == "task-agnostic") & (regret["task"] == "t2"), "relative_regret"
    ] = np.nan
    table = cost_table(seconds, picks[~lost], MEMBERS, regret, STRATEGIES)
    agnostic = by_budget(table, "all", "task-agnostic")
    assert agnostic["tasks"].tolist() == [1, 1, 1]
    assert agnostic["seconds"].tolist() == [200, 300, 300]
    assert agnostic["share_of_exhaustive"].tolist() == pytest.approx([200 / 900, 1 / 3, 1 / 3])


@given(st.data())
def test_a_larger_budget_never_costs_less_and_all_models_cost_all(data):
    size = data.draw(st.integers(1, 6))
    positive = st.lists(st.integers(1, 1000), min_size=size, max_size=size)
    stages = pd.DataFrame({stage: data.draw(positive) for stage in ("embedding", "p", "finetune")})
    ranking = data.draw(st.permutations(range(size)))
    first = data.draw(st.integers(1, 3))
    costs = spent(SimpleNamespace(proxies=("p",), proxy_from=first), ranking, stages)
    assert (np.diff(costs) > 0).all()
    unsearched = stages.loc[ranking[: first - 1], ["embedding", "p"]].to_numpy().sum()
    if first <= size:
        assert costs[-1] == stages.to_numpy().sum() - unsearched


def test_a_repeat_costs_all_its_learning_rates():
    runs = pd.DataFrame({"repeat": [0, 0, 1, 1], "seconds": [1.0, 2.0, 10.0, 20.0]})
    assert seconds_of_repeat(runs) == 16.5
    runs.loc[0, "seconds"] = np.nan
    assert np.isnan(seconds_of_repeat(runs))


def test_seconds_are_collected_from_the_files_of_the_runs(tmp_path):
    features, labels = np.zeros((2, 3), np.float32), np.zeros(2, np.int64)
    write_embeddings(
        tmp_path / "embeddings/t/m.x.safetensors",
        Embeddings(features, labels, features, labels, classes=2),
        {"model": "m.x", "task": "t", "seconds": 7.5},
    )
    runs = [{"repeat": repeat, "seconds": 1.0 + repeat} for repeat in (0, 0, 1, 1)]
    write_rows(tmp_path / "proxies/knn/t/m.x.csv", runs[:1])
    write_rows(tmp_path / "finetune/t/m.x.csv", runs)
    count = '{"knn": 1, "finetune": 4}'
    command = ["--models", "m.x", "--tasks", "t", "--runs", count, "--results", tmp_path]
    subprocess.run(
        [sys.executable, SCRIPTS / "collect_seconds.py", *command, "--output", tmp_path / "s.csv"],
        check=True,
    )
    assert (tmp_path / "s.csv").read_text().split() == [
        "model,task,stage,seconds",
        "m.x,t,embedding,7.5",
        "m.x,t,knn,1.0",
        "m.x,t,finetune,3.0",
    ]
