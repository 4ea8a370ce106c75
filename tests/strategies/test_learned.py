"""Strategies that learn from other tasks: by hand, against loops, and what they may see."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from needle.base.schema import read_yaml
from needle.regret.formulas import relative_delta
from needle.scores.finished import read_model_file, read_score_file
from needle.scores.known import known_of
from needle.scores.score_table import point_values
from needle.strategies import learned, neighbours
from needle.strategies.experience import gather
from needle.strategies.nearest_tasks import cosines
from needle.strategies.picks import pick_table
from needle.strategies.pools import pool_members
from needle.strategies.registry import strategies
from needle.strategies.task2vec import distances

ROOT = Path(__file__).parents[2]
GENERATOR = np.random.default_rng(0)


@cache
def published(run):
    config = read_yaml(ROOT / f"config/published/{run}.yaml")
    scores = pd.DataFrame(read_score_file(ROOT / config["scores_file"], config["unit"]))
    cards = read_model_file(ROOT / config["models_file"], list(scores["model"].unique()))
    models = pd.DataFrame(list(cards.values())).set_index("model", drop=False)
    return models, pool_members(models, config["pools"]), point_values(scores)


def table(scores, **changes):
    """Point values from scores by (task, model), and their models: only names are known."""
    points = pd.DataFrame.from_dict(scores, orient="index").assign(**changes)
    points.index = pd.MultiIndex.from_tuples(points.index, names=["task", "model"])
    names = list(points.index.unique("model"))
    columns = ["reference_accuracy", "params", "embedding_dim", "upstream_examples"]
    models = pd.DataFrame(np.nan, pd.Index(names, name="model"), columns)
    return points, models


def random_scores(tasks=4, models=5, seed=0):
    generator = np.random.default_rng(seed)
    return table(
        {
            (f"t{task}", f"m{model}"): {
                name: generator.random() for name in ("finetune", "linear", "knn")
            }
            for task in range(tasks)
            for model in range(models)
        }
    )


def rank(name, task, points, models, **others):
    known = known_of(points, models, **others).before(task)
    return strategies(points.columns)[name].rank(models, task, known)


# On `near` the proxy says what it says on the new task, on `far` the opposite.
THREE = {
    ("new", "a"): {"finetune": np.nan, "linear": 0.9},
    ("new", "b"): {"finetune": np.nan, "linear": 0.5},
    ("new", "c"): {"finetune": np.nan, "linear": 0.1},
    ("near", "a"): {"finetune": 0.5, "linear": 0.8},
    ("near", "b"): {"finetune": 0.8, "linear": 0.5},
    ("near", "c"): {"finetune": 0.2, "linear": 0.2},
    ("far", "a"): {"finetune": 0.1, "linear": 0.1},
    ("far", "b"): {"finetune": 0.2, "linear": 0.3},
    ("far", "c"): {"finetune": 0.9, "linear": 0.5},
}


def test_known_average_by_hand():
    # Standardised: near 0, 1.22, -1.22; far -0.84, -0.56, 1.40.
    ranking = rank("known-average", "new", *table(THREE))
    assert ranking.models == ["b", "c", "a"]


def test_nearest_tasks_by_hand():
    points, models = table(THREE)
    experience = gather(models, "new", known_of(points, models))
    assert experience.tasks == [(0, "new"), (0, "near"), (0, "far")]
    vectors = experience.scores["linear"]
    assert cosines(vectors)[0] == pytest.approx([1, 1, -1])
    # Neither known task predicts the other, whatever k: the smallest, 1, so only `near` counts.
    assert rank("nearest-tasks", "new", points, models).models == ["b", "a", "c"]


def test_learned_follows_a_proxy_that_was_right():
    points, models = random_scores(tasks=8)
    points["finetune"] = points["linear"] ** 2
    for task in ("t0", "t5"):
        expected = points["linear"].loc[task].sort_values(ascending=False).index.tolist()
        assert rank("learned", task, points, models).models == expected


def test_learned_follows_models_where_no_proxy_tells_anything():
    points, models = random_scores(tasks=8)
    points["finetune"] = [int(model[1:]) / 10 for _, model in points.index]
    assert rank("learned", "t3", points, models).models == ["m4", "m3", "m2", "m1", "m0"]


def test_by_count_against_a_loop():
    distance = np.array([np.nan, 3, 1, np.nan, 2, 1])
    results = GENERATOR.normal(size=(6, 4))
    results[GENERATOR.random((6, 4)) < 0.4] = np.nan
    results[:, 3] = np.nan
    found = neighbours.by_count(distance, results, np.array([1, 2, 3, 4, 5]))
    for k in range(1, 6):
        for model in range(4):
            own = [results[task, model] for task in (2, 5, 4, 1)]  # by distance, 3 has none
            own = [value for value in own if not np.isnan(value)][:k]
            expected = np.mean(own) if own else np.nan
            assert found[k - 1, model] == pytest.approx(expected, nan_ok=True)


def test_the_number_of_neighbours_predicts_the_known_tasks_best():
    points = GENERATOR.normal(size=(7, 3))
    between = np.linalg.norm(points[:, None] - points, axis=2)
    results = GENERATOR.normal(size=(7, 5))
    errors = []
    for k in range(1, 6):
        error = []
        for task in range(1, 7):
            others = sorted(set(range(1, 7)) - {task}, key=lambda other: between[task, other])[:k]
            error.append(np.mean((results[others].mean(axis=0) - results[task]) ** 2))
        errors.append(np.mean(error))
    best = 1 + int(np.argmin(errors))
    nearest = sorted(range(1, 7), key=lambda other: between[0, other])[:best]
    results[0] = np.nan
    found = neighbours.predict(between, results)
    assert found == pytest.approx(results[nearest].mean(axis=0))


def test_cosines_and_distances_against_loops():
    vectors = GENERATOR.normal(size=(4, 9))
    vectors[GENERATOR.random((4, 9)) < 0.3] = np.nan
    fisher = GENERATOR.random((4, 9)) * (GENERATOR.random((4, 9)) < 0.8)
    for i in range(4):
        for j in range(4):
            both = ~np.isnan(vectors[i]) & ~np.isnan(vectors[j])
            a, b = vectors[i][both], vectors[j][both]
            expected = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
            assert cosines(vectors)[i, j] == pytest.approx(expected)
            some = fisher[i] + fisher[j] > 0
            a, b = fisher[i][some], fisher[j][some]
            a, b = a / (a + b), b / (a + b)
            expected = 1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
            assert distances(fisher)[i, j] == pytest.approx(expected, abs=1e-12)


def test_a_task_with_nothing_in_common_is_not_comparable():
    assert np.isnan(cosines(np.array([[1.0, np.nan], [np.nan, 1.0]]))[0, 1])
    assert np.isnan(distances(np.array([[1.0, 2.0], [np.nan, np.nan]]))[0, 1])


def test_the_ridge_is_that_of_scikit_learn_with_the_penalty_that_leaves_tasks_out_best():
    inputs, tasks = GENERATOR.normal(size=(30, 4)), np.repeat(np.arange(6), 5)
    targets = inputs @ [1, -1, 0, 0.5] + GENERATOR.normal(size=30)

    def fitted(penalty, rows):
        ridge = Ridge(alpha=penalty, fit_intercept=False).fit(inputs[rows], targets[rows])
        return ridge.coef_

    errors = []
    for penalty in learned.PENALTIES:
        left_out = [fitted(penalty, tasks != task) for task in range(6)]
        predicted = [inputs[tasks == task] @ left_out[task] for task in range(6)]
        errors.append(((np.concatenate(predicted) - targets) ** 2).sum())
    best = learned.PENALTIES[np.argmin(errors)]
    found = learned.fit(inputs, targets, tasks)
    assert found == pytest.approx(fitted(best, np.full(30, True)))


def test_features_by_hand():
    points, models = table(THREE)
    points.loc[("near", "b"), "linear"] = np.nan
    experience = gather(models, "new", known_of(points, models))
    metadata = np.array([[1.0, 0.0, -1.0], [np.nan] * 3])  # of the second nothing is known
    found = learned.features(experience, metadata, ["linear"])
    # Linear, mean results elsewhere, mean linear elsewhere, metadata, and where linear is missing.
    assert found.shape == (3, 3, 5)
    linear, results = experience.scores["linear"], experience.results
    assert found[0, :, 0] == pytest.approx(linear[0])
    assert found[1, 1].tolist() == pytest.approx(
        [0, results[2, 1], (linear[0, 1] + linear[2, 1]) / 2, 0, 1]
    )
    assert found[0, :, 1] == pytest.approx((results[1] + results[2]) / 2)
    assert found[0, 1, 2] == pytest.approx(linear[2, 1])
    assert found[..., 4].sum() == 1


@pytest.mark.parametrize(
    ("penalties", "expected"),
    [([1.0], [0.0490, 0.0112, 0.0044]), (learned.PENALTIES, [0.0624, 0.0112, 0.0034])],
)
def test_vtab2019_by_ridge(monkeypatch, penalties, expected):
    """With scikit-learn's default penalty 1, and with the one that the known tasks choose."""
    monkeypatch.setattr(learned, "PENALTIES", np.array(penalties))
    models, _, points = published("vtab2019")
    assert relative_regret("learned", models, points) == pytest.approx(expected, abs=5e-5)


def relative_regret(name, models, points):
    found = []
    for task in points.index.unique("task"):
        accuracies = points["finetune"].loc[task]
        ranked = rank(name, task, points, models).models
        reached = [accuracies[ranked[:budget]].max() for budget in (1, 2, 3)]
        found.append(relative_delta(accuracies.max(), reached))
    return np.mean(found, axis=0)


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
        assert {"learned", "nearest-tasks", "task2vec", "known-average"} <= set(
            before.index.get_level_values("strategy")
        )
        pd.testing.assert_series_equal(before[~oracles], after[~oracles[: len(after)]])


def test_the_results_of_other_tasks_are_looked_at():
    models, _, points = published("logme2022")
    changed = points.copy()
    mine = points.index.get_level_values("task") != "aircraft"
    changed.loc[mine, "finetune"] = 1 - points.loc[mine, "finetune"]
    for name in ("learned", "nearest-tasks", "known-average"):
        before, after = (rank(name, "aircraft", each, models).models for each in (points, changed))
        assert before != after


def test_a_task_of_the_same_name_in_an_earlier_run_is_not_looked_at():
    points, models = random_scores(tasks=4)
    twin, _ = random_scores(tasks=4, seed=9)
    embeddings = {f"t{task}": GENERATOR.random(5) for task in range(4)}
    changed = twin.copy()
    changed.loc["t1"] = 1 - twin.loc["t1"].to_numpy()
    moved = embeddings | {"t1": GENERATOR.random(5)}
    for name in ("learned", "nearest-tasks", "task2vec", "known-average"):
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
        "needs fine-tune results on 2 other tasks; there are 0, and earlier_runs can add more"
    )
    assert not strategies(["linear"])["nearest-tasks"].skip(
        known_of(points, models, earlier=[earlier])
    )
    assert rank("nearest-tasks", "new", points, models, earlier=[earlier]).models == [
        "b", "a", "c"
    ]  # fmt: skip
    for name in ("learned", "known-average"):
        assert set(rank(name, "new", points, models, earlier=[earlier]).models) == set("abc")


def test_metadata_of_a_model_comes_from_the_run_that_has_it():
    points, models = random_scores(tasks=3, models=3)
    models["params"] = [10.0, np.nan, np.nan]
    other, metadata = random_scores(tasks=3, models=4)
    metadata["params"] = [1000.0, 100.0, np.nan, 1000.0]
    known = known_of(points, models, earlier=[known_of(other, metadata)])
    experience = gather(models, "t0", known)
    assert list(experience.models) == ["m0", "m1", "m2", "m3"]
    params = learned._metadata(known, experience.models)[1]
    assert params.tolist() == pytest.approx([-np.sqrt(1.5), 0, np.nan, np.sqrt(1.5)], nan_ok=True)


def test_what_is_known_of_nobody_is_said():
    points, models = random_scores(tasks=3)
    points.loc[points.index.get_level_values("model") == "m2"] = np.nan
    ranking = rank("learned", "t0", points, models)
    assert len(ranking.models) == 4
    assert ranking.reason == "neither a proxy score nor a fine-tune result on another task: m2"
    ranking = rank("known-average", "t0", points, models)
    assert ranking.reason == "no fine-tune result on another task: m2"
    assert rank("task2vec", "t0", points, models).reason == "no task embedding of t0"


def test_a_model_is_ranked_by_what_is_known_of_it():
    points, models = random_scores(tasks=5)
    points.loc[("t0", "m1"), ["linear", "knn"]] = np.nan  # known from other tasks
    results = points.index.get_level_values("model") == "m2"
    points.loc[results, "finetune"] = np.nan  # known from its proxies
    ranking = rank("learned", "t0", points, models)
    assert sorted(ranking.models) == ["m0", "m1", "m2", "m3", "m4"]


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-10, 10))
def test_shift_and_scale_of_a_tasks_scores_change_no_ranking(seed, scale, shift):
    points, models = random_scores(seed=seed)
    changed = points.copy()
    for score in ("finetune", "knn"):
        changed.loc["t2", score] = (scale * points[score].loc["t2"] + shift).to_numpy()
    changed["linear"] = scale * changed["linear"] + shift
    for name in ("learned", "nearest-tasks", "known-average"):
        before, after = (rank(name, "t0", each, models).models for each in (points, changed))
        assert before == after


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.permutations(range(5)), st.permutations(range(1, 4)))
def test_the_order_of_models_and_tasks_changes_no_ranking(seed, order, tasks):
    points, models = random_scores(seed=seed)
    index = [(f"t{task}", f"m{model}") for task in (0, *tasks) for model in order]
    for name in ("learned", "nearest-tasks", "known-average", "hybrid-learned"):
        before = rank(name, "t0", points, models).models
        after = rank(name, "t0", points.loc[index], models.iloc[list(order)]).models
        assert before == after


def test_hybrids_take_the_task_agnostic_pick_first():
    points, models = random_scores()
    models["reference_accuracy"] = [0.1, 0.2, 0.3, 0.4, 0.5]
    others = [model for model in rank("learned", "t0", points, models).models if model != "m4"]
    assert rank("hybrid-learned", "t0", points, models).models == ["m4", *others]
