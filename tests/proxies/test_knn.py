"""The kNN proxy against scikit-learn and exact distances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsClassifier

from needle.embedding.embedding_file import Embeddings
from needle.proxies.formulas.classifiers.knn import _distances, nearest, score


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
    assert nearest(train, queries).tolist() == distance.argmin(axis=1).tolist()


def test_of_equally_near_examples_the_first_counts():
    assert nearest([[0.0], [2.0], [0.0]], [[0.0], [1.0]]).tolist() == [0, 0]


@given(st.integers(0, 10**6), st.sampled_from([np.float32, np.float64]))
@settings(max_examples=50)
def test_near_ties_are_decided_as_in_float64(seed, dtype):
    rng = np.random.default_rng(seed)
    # Closer to each other than float32 tells; some rows are there twice.
    train = (3 + 1e-5 * rng.normal(size=(30, 40))).astype(dtype)[rng.integers(0, 30, 40)]
    queries = (3 + 1e-5 * rng.normal(size=(10, 40))).astype(dtype)
    difference = queries[:, None].astype(np.float64) - train[None]
    assert nearest(train, queries).tolist() == (difference**2).sum(axis=2).argmin(axis=1).tolist()


@pytest.mark.parametrize("size", [1e-30, 1e-20, 1e20, 1e100])
def test_float32_may_be_too_small_or_too_large_for_the_distances(size):
    rng = np.random.default_rng(0)
    train, queries = rng.normal(size=(20, 4)), rng.normal(size=(9, 4))
    distance = ((queries[:, None] - train[None]) ** 2).sum(axis=2)
    assert nearest(size * train, size * queries).tolist() == distance.argmin(axis=1).tolist()


def test_only_near_ties_need_float64():
    rng = np.random.default_rng(0)
    train, queries = (rng.normal(size=(n, 500)).astype(np.float32) for n in (800, 200))
    distance, bound = _distances(train, queries)
    exact = (train.astype(float) ** 2).sum(axis=1) - 2 * queries.astype(float) @ train.T
    assert (abs(distance - exact) <= bound[:, None]).all()
    near = distance <= (distance.min(axis=1) + 2 * bound)[:, None]
    assert near.sum(axis=1).mean() < 1.5
