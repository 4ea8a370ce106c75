"""The kNN proxy against scikit-learn and exact distances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsClassifier

from needle.embedding.embedding_file import Embeddings
from needle.proxies.formulas.classifiers.knn import _distances, _elected, nearest, score


@pytest.fixture
def embeddings():
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(5, 12))
    labels = rng.integers(0, 5, 120)
    features = (centres[labels] + rng.normal(size=(120, 12))).astype(np.float32)
    return Embeddings(features[:80], labels[:80], features[80:], labels[80:], classes=5)


def test_knn_equals_scikit_learn(embeddings):
    reference = KNeighborsClassifier(1, algorithm="brute")
    reference.fit(embeddings.train_features, embeddings.train_labels)
    expected = reference.score(embeddings.val_features, embeddings.val_labels)
    assert score(embeddings) == expected
    assert 0.2 < expected < 1


@given(st.integers(0, 10**6), st.floats(-1e3, 1e3))
@settings(max_examples=30)
def test_nearest_is_nearest_wherever_the_features_lie(seed, offset):
    rng = np.random.default_rng(seed)
    train, queries = offset + rng.normal(size=(20, 4)), offset + rng.normal(size=(9, 4))
    distance = ((queries[:, None] - train[None]) ** 2).sum(axis=2)
    assert nearest(train, queries)[:, 0].tolist() == distance.argmin(axis=1).tolist()


def test_of_equally_near_examples_the_first_counts():
    assert nearest([[0.0], [2.0], [0.0]], [[0.0], [1.0]]).tolist() == [[0], [0]]


@given(st.integers(0, 10**6), st.sampled_from([np.float32, np.float64]))
@settings(max_examples=50)
def test_near_ties_are_decided_as_in_float64(seed, dtype):
    rng = np.random.default_rng(seed)
    # Closer to each other than float32 tells; some rows are there twice.
    train = (3 + 1e-5 * rng.normal(size=(30, 40))).astype(dtype)[rng.integers(0, 30, 40)]
    queries = (3 + 1e-5 * rng.normal(size=(10, 40))).astype(dtype)
    difference = queries[:, None].astype(np.float64) - train[None]
    assert (
        nearest(train, queries)[:, 0].tolist()
        == (difference**2).sum(axis=2).argmin(axis=1).tolist()
    )


@pytest.mark.parametrize("size", [1e-30, 1e-20, 1e20, 1e100])
def test_float32_may_be_too_small_or_too_large_for_the_distances(size):
    rng = np.random.default_rng(0)
    train, queries = rng.normal(size=(20, 4)), rng.normal(size=(9, 4))
    distance = ((queries[:, None] - train[None]) ** 2).sum(axis=2)
    assert nearest(size * train, size * queries)[:, 0].tolist() == distance.argmin(axis=1).tolist()


def test_only_near_ties_need_float64():
    rng = np.random.default_rng(0)
    train, queries = (rng.normal(size=(n, 500)).astype(np.float32) for n in (800, 200))
    distance, bound = _distances(train, queries)
    exact = (train.astype(float) ** 2).sum(axis=1) - 2 * queries.astype(float) @ train.T
    assert (abs(distance - exact) <= bound[:, None]).all()
    near = distance <= (distance.min(axis=1) + 2 * bound)[:, None]
    assert near.sum(axis=1).mean() < 1.5


@given(st.integers(0, 10**6), st.integers(1, 19), st.booleans())
@settings(max_examples=50)
def test_the_k_nearest_are_those_of_a_sort(seed, k, leave_out):
    rng = np.random.default_rng(seed)
    train = rng.normal(size=(20, 4)).astype(np.float32)[rng.integers(0, 18, 20)]  # some are equal
    queries = train if leave_out else rng.normal(size=(9, 4)).astype(np.float32)
    distance = ((queries[:, None].astype(float) - train) ** 2).sum(axis=2)
    if leave_out:
        np.fill_diagonal(distance, np.inf)
    expected = np.argsort(distance, axis=1, kind="stable")[:, :k]
    assert nearest(train, queries, k, leave_out).tolist() == expected.tolist()


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("k", [1, 3])
def test_k_votes_by_either_metric_are_those_of_scikit_learn(embeddings, metric, k):
    reference = KNeighborsClassifier(k, metric=metric, algorithm="brute")
    reference.fit(embeddings.train_features, embeddings.train_labels)
    votes = embeddings.train_labels[reference.kneighbors(embeddings.val_features)[1]]
    # scikit-learn gives a tie to the smallest label; here the nearest decides.
    expected = [max(row, key=lambda label, row=row: (row == label).sum()) for row in votes]
    assert score(embeddings, k, metric) == np.mean(expected == embeddings.val_labels)


def test_a_tie_goes_to_the_nearest():
    votes = np.array([[2, 1, 1, 2], [0, 1, 1, 2], [3, 0, 1, 2]])
    assert _elected(votes).tolist() == [2, 1, 3]


def test_left_out_every_image_is_judged_by_all_others():
    # On a line: 0, 1 and 3 of train, 4 and 9 of val; 1 and 3 are nearest to their neighbours.
    line = Embeddings(
        np.array([[0.0], [1.0], [3.0]], np.float32), np.array([0, 0, 1]),
        np.array([[4.0], [9.0]], np.float32), np.array([1, 0]), classes=2,
    )  # fmt: skip
    assert score(line) == 1 / 2
    assert score(line, leave_one_out=True) == 4 / 5
    assert score(line, k=99, leave_one_out=True) == 2 / 5  # 3, 4 and 9 are outvoted


def test_by_angle_the_length_does_not_count_and_0_is_far_from_all():
    angles = Embeddings(
        np.array([[0.0, 0.0], [1.0, 0.1], [0.0, 9.0]], np.float32), np.array([0, 1, 2]),
        np.array([[1e-20, 0.0], [1e-3, 0.1], [-5.0, 1.0]], np.float32), np.array([1, 2, 2]),
        classes=3,
    )  # fmt: skip
    assert score(angles, metric="cosine") == 1
    assert score(angles) < 1
