"""Which known tasks are near, and what is predicted from them: by hand and against loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_scores import THREE, rank, table

from needle.scores.known import known_of
from needle.strategies.learning import neighbours
from needle.strategies.learning.experience import gather
from needle.strategies.learning.nearest_tasks import cosines
from needle.strategies.learning.task2vec import distances

GENERATOR = np.random.default_rng(0)


def test_nearest_tasks_by_hand():
    points, models = table(THREE)
    experience = gather(models, "new", known_of(points, models))
    assert experience.tasks == [(0, "new"), (0, "near"), (0, "far")]
    vectors = experience.scores["linear"]
    assert cosines(vectors)[0] == pytest.approx([1, 1, -1])
    # Neither known task predicts the other, whatever k: the smallest, 1, so only `near` counts.
    assert rank("nearest-tasks", "new", points, models).models == ["b", "a", "c"]


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


@given(st.integers(0, 999), st.integers(2, 6), st.integers(1, 5), st.floats(0, 1))
def test_errors_follow_from_products_alone(seed, tasks, models, share):
    """For complete results, with equal distances and with tasks that cannot be compared."""
    generator = np.random.default_rng(seed)
    results = generator.normal(size=(tasks, models))
    results[0] = np.nan
    distances = generator.integers(4, size=tasks).astype(float)
    distances[generator.random(tasks) < share] = np.nan
    others = np.arange(2, tasks)
    by_products = neighbours.errors_by_products(distances, results @ results.T, 1, others)
    expected = models * neighbours.errors_by_count(distances, results, 1, others)
    np.testing.assert_allclose(by_products, expected, atol=1e-12)
