"""TransRate against dense determinants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_embeddings import draw
from needle.proxies.formulas.geometry.transrate import score


def coding_rate(features, epsilon):
    examples, width = features.shape
    matrix = np.eye(width) + features.T @ features / (examples * epsilon)
    return np.log(np.linalg.det(matrix)) / 2


@pytest.mark.parametrize("epsilon", [1e-2, 1.0])
@pytest.mark.parametrize(("examples", "width", "classes"), [(40, 5, 3), (20, 30, 4)])
def test_by_dense_determinants(examples, width, classes, epsilon):
    embeddings = draw(examples, width, classes)
    features = embeddings.train_features - embeddings.train_features.mean(axis=0)
    expected = coding_rate(features, epsilon)
    for c in range(classes):
        mine = features[embeddings.train_labels == c]
        expected -= len(mine) / examples * coding_rate(mine, epsilon)
    assert score(embeddings, epsilon) == pytest.approx(expected, rel=1e-9)


def test_by_hand():
    # Two classes at -1 and 1, ε = 1: R = 1/2 log 2, and the same within each class.
    embeddings = draw(4, 1, classes=2)
    embeddings.train_features[:, 0] = [-1, -1, 1, 1]
    embeddings.train_labels[:] = [0, 0, 1, 1]
    assert score(embeddings, epsilon=1.0) == pytest.approx(0, abs=1e-12)
    # Orthogonal classes: R = log 1.5 of both axes, 1/2 log 2 within each class.
    both = draw(4, 2, classes=2)
    both.train_features[:] = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    both.train_labels[:] = [0, 0, 1, 1]
    assert score(both, epsilon=1.0) == pytest.approx(np.log(1.5) - np.log(2) / 2)


@given(st.integers(0, 10**6), st.integers(1, 20), st.floats(1e-4, 10))
def test_it_is_never_negative(seed, width, epsilon):
    assert score(draw(20, width, 3, seed=seed), epsilon) >= -1e-9
