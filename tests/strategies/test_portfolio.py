"""Search for a set: by hand, against the plain loop, and what it does with gaps and copies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_scores import random_scores, rank, table

from needle.strategies.learning.portfolio import cover, known_regrets

# What each model gets on four known tasks: a is best in the mean, its copy next, c best on one.
RESULTS = {
    "a": [0.90, 0.90, 0.90, 0.20],
    "copy": [0.89, 0.89, 0.89, 0.20],
    "c": [0.50, 0.50, 0.50, 0.80],
}


def points_of(results, **scores):
    rows = {
        (f"t{task}", model): {"finetune": accuracies[task]}
        for model, accuracies in results.items()
        for task in range(4)
    }
    rows |= {("new", model): {"finetune": np.nan} for model in results}
    return table(rows, **scores)


def test_without_a_proxy_it_covers_the_known_tasks():
    """After a, its copy would spare nothing; by the mean it would be second."""
    points, models = points_of(RESULTS)
    assert rank("known-average", "new", points, models).models == ["a", "copy", "c"]
    assert rank("portfolio", "new", points, models).models == ["a", "c", "copy"]


def test_a_proxy_moves_what_a_model_is_expected_to_leave():
    """The proxy says on each task which models are good; here it says c, then the copy."""
    points, models = points_of(RESULTS)
    points["linear"] = points["finetune"]
    for model, score in (("a", 0.3), ("copy", 0.5), ("c", 0.9)):
        points.loc[("new", model), "linear"] = score
    assert rank("portfolio", "new", points, models).models[:2] == ["c", "copy"]


def test_regrets_by_hand():
    found = known_regrets(np.array([[0.6, 0.8, np.nan], [1.0, 0.5, 1.0]]))
    expected = [[0.5, 0.0, np.nan], [0.0, 1.0, 0.0]]
    assert found == pytest.approx(np.array(expected), nan_ok=True)


def test_a_model_that_was_tried_on_few_tasks_leaves_the_usual_regret_on_the_others():
    results = RESULTS | {"new": [0.95, np.nan, np.nan, np.nan]}
    points, models = points_of(results)
    assert sorted(rank("portfolio", "new", points, models).models) == ["a", "c", "copy", "new"]


def plain_cover(left, gains, first):
    """As the definition has it, all values anew at each step."""
    chosen, best = [], np.ones(len(left))
    while len(chosen) < len(gains):
        values = {
            model: gains[model] - np.minimum(best, left[:, model]).mean()
            for model in range(len(gains))
            if model not in chosen
        }
        model = first if first is not None and not chosen else max(values, key=values.get)
        chosen.append(model)
        best = np.minimum(best, left[:, model])
    return chosen


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 8), st.booleans())
def test_cover_is_the_plain_loop(seed, tasks, models, has_first):
    generator = np.random.default_rng(seed)
    # Binary fractions, so that ties are ties whatever the order of a sum.
    left = generator.integers(0, 9, (tasks, models)) / 8
    gains = generator.integers(-8, 9, models) / 8 / tasks
    first = int(gains.argmax()) if has_first else None
    found, expected = cover(left, gains, first), plain_cover(left, gains, first)
    assert sorted(found) == list(range(models))

    def reached(order):
        """What the choices are worth step by step: ties may be broken otherwise."""
        best = np.minimum.accumulate(np.vstack([np.ones(tasks), left[:, order].T]))
        return gains[order] - np.diff(best.mean(axis=1))

    if found != expected:
        apart = next(
            i for i, pair in enumerate(zip(found, expected, strict=True)) if len({*pair}) > 1
        )
        assert reached(found)[apart] == pytest.approx(reached(expected)[apart])


@given(st.integers(0, 10**6))
def test_the_next_pick_is_the_best_addition(seed):
    """Greedy: no other model would have left less in the mean, without a proxy."""
    points, models = random_scores(tasks=5, models=6, seed=seed)
    points = points.drop(columns=["linear", "knn"])
    order = rank("portfolio", "t0", points, models).models
    accuracies = points["finetune"].unstack("model").drop("t0")
    left = known_regrets(accuracies.to_numpy())
    place = {model: number for number, model in enumerate(accuracies.columns)}
    taken = left[:, place[order[0]]]
    assert taken.mean() == pytest.approx(left.mean(axis=0).min())
    second = np.minimum(taken[:, None], left).mean(axis=0)
    assert second[place[order[1]]] == pytest.approx(second.min())
