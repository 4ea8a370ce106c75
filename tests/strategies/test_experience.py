"""What strategies that learn from other tasks may see of them, and what changes no ranking."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_scores import THREE, published, random_scores, rank, table

from needle.scores.known import known_of
from needle.strategies.picks import pick_table
from needle.strategies.registry import strategies

GENERATOR = np.random.default_rng(0)


def test_known_average_by_hand():
    # Standardised: near 0, 1.22, -1.22; far -0.84, -0.56, 1.40.
    ranking = rank("known-average", "new", *table(THREE))
    assert ranking.models == ["b", "c", "a"]


CORRUPTIONS = {
    "turned round": lambda values: 1 - values,
    "all alike": lambda values: 0 * values,
    "gone": lambda values: np.nan * values,
    "made up": lambda values: np.random.default_rng(1).random(len(values)),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
@pytest.mark.parametrize("run", ["logme2022", "vtab2019"])
def test_no_strategy_but_an_oracle_looks_at_the_results_of_its_task(run, corruption):
    models, members, points = published(run)
    earlier = [known_of(points.sample(frac=0.5, random_state=1), models)]
    embeddings = {task: GENERATOR.random(20) for task in points.index.unique("task")}
    key = ["pool", "strategy", "rank"]

    def picks(points, task):
        found, _ = pick_table(models, members, points, earlier, embeddings)
        return found[found["task"] == task].set_index(key)["model"].astype(str)

    for task in points.index.unique("task")[:3]:
        changed = points.copy()
        mine = points.index.get_level_values("task") == task
        changed.loc[mine, "finetune"] = CORRUPTIONS[corruption](points.loc[mine, "finetune"])
        before, after = picks(points, task), picks(changed, task)
        oracles = before.index.get_level_values("strategy") == "oracle-average"
        assert {"prior", "portfolio", "nearest-tasks", "task2vec", "known-average"} <= set(
            before.index.get_level_values("strategy")
        )
        pd.testing.assert_series_equal(before[~oracles], after[~oracles[: len(after)]])


def test_the_results_of_other_tasks_are_looked_at():
    models, _, points = published("logme2022")
    changed = points.copy()
    mine = points.index.get_level_values("task") != "aircraft"
    changed.loc[mine, "finetune"] = 1 - points.loc[mine, "finetune"]
    for name in ("prior", "portfolio", "nearest-tasks", "known-average"):
        before, after = (rank(name, "aircraft", each, models).models for each in (points, changed))
        assert before != after


def test_a_task_of_the_same_name_in_an_earlier_run_is_not_looked_at():
    points, models = random_scores(tasks=4)
    twin, _ = random_scores(tasks=4, seed=9)
    embeddings = {f"t{task}": GENERATOR.random(5) for task in range(4)}
    changed = twin.copy()
    changed.loc["t1"] = 1 - twin.loc["t1"].to_numpy()
    moved = embeddings | {"t1": GENERATOR.random(5)}
    for name in ("prior", "portfolio", "nearest-tasks", "task2vec", "known-average"):
        without, before, after = (
            rank(name, "t1", points, models, task_embeddings=embeddings, earlier=earlier).models
            for earlier in (
                [known_of(twin.drop("t1"), models, embeddings)],
                [known_of(twin, models, embeddings)],
                [known_of(changed, models, moved)],
            )
        )
        assert without == before == after


def test_earlier_runs_add_tasks_and_models():
    """What the run has of its own is too little: `new` has no result, and it is alone."""
    points, models = table({key: each for key, each in THREE.items() if key[0] == "new"})
    points = points.drop(columns="finetune")
    rest = {key: each for key, each in THREE.items() if key[0] != "new"}
    rest |= {("near", "x"): {"finetune": 0.9, "linear": 0.9}}
    earlier = known_of(*table(rest))
    assert strategies(["linear"])["nearest-tasks"].skip(known_of(points, models)) == (
        "needs fine-tune results on 2 other tasks; there are 0, and a store can add more"
    )
    assert not strategies(["linear"])["nearest-tasks"].skip(
        known_of(points, models, earlier=[earlier])
    )
    assert rank("nearest-tasks", "new", points, models, earlier=[earlier]).models == [
        "b", "a", "c"
    ]  # fmt: skip
    for name in ("prior", "portfolio", "known-average"):
        assert set(rank(name, "new", points, models, earlier=[earlier]).models) == set("abc")


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-10, 10))
def test_shift_and_scale_of_a_tasks_scores_change_no_ranking(seed, scale, shift):
    points, models = random_scores(seed=seed)
    changed = points.copy()
    changed.loc["t2", "knn"] = (scale * points["knn"].loc["t2"] + shift).to_numpy()
    changed["linear"] = scale * changed["linear"] + shift
    for name in ("prior", "portfolio", "nearest-tasks", "known-average"):
        before, after = (rank(name, "t0", each, models).models for each in (points, changed))
        assert before == after
    # Those that look at errors or odds know what an accuracy is.
    changed.loc["t2", "finetune"] = (scale * points["finetune"].loc["t2"] + shift).to_numpy()
    for name in ("nearest-tasks", "known-average"):
        before, after = (rank(name, "t0", each, models).models for each in (points, changed))
        assert before == after


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.permutations(range(5)), st.permutations(range(1, 4)))
def test_the_order_of_models_and_tasks_changes_no_ranking(seed, order, tasks):
    points, models = random_scores(seed=seed)
    index = [(f"t{task}", f"m{model}") for task in (0, *tasks) for model in order]
    for name in ("prior", "portfolio", "nearest-tasks", "known-average", "hybrid-prior"):
        before = rank(name, "t0", points, models).models
        after = rank(name, "t0", points.loc[index], models.iloc[list(order)]).models
        assert before == after


def test_hybrids_take_the_task_agnostic_pick_first():
    points, models = random_scores()
    models["reference_accuracy"] = [0.1, 0.2, 0.3, 0.4, 0.5]
    others = [model for model in rank("prior", "t0", points, models).models if model != "m4"]
    assert rank("hybrid-prior", "t0", points, models).models == ["m4", *others]
