"""The H-scores against dense covariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.covariance import LedoitWolf

from drawn_embeddings import draw, mapped, within_and_means
from needle.proxies.formulas.geometry import h_score, h_score_shrunk

SIZES = [(60, 7, 3), (60, 100, 3), (40, 40, 5), (300, 12, 2), (90, 20, 30)]


def between(embeddings):
    """The covariance of each example's class mean, by N."""
    deviations, _ = within_and_means(embeddings.train_features, embeddings.train_labels)
    return np.cov(embeddings.train_features - deviations, rowvar=False, bias=True)


@pytest.mark.parametrize(("examples", "width", "classes"), SIZES)
def test_h_score_by_dense_covariances(examples, width, classes):
    embeddings = draw(examples, width, classes)
    covariance = np.cov(embeddings.train_features, rowvar=False, bias=True)
    expected = np.trace(np.linalg.pinv(covariance, rcond=1e-10) @ between(embeddings))
    assert h_score.score(embeddings) == pytest.approx(expected, rel=1e-8)


def test_h_score_by_hand():
    # One feature: variance 1, of which the class means -1/2 and 1/2 hold a quarter.
    embeddings = draw(4, 1, classes=2)
    embeddings.train_features[:] = np.array([[-0.5], [0.5], [0.5], [-0.5]]) * np.sqrt(3)
    embeddings.train_features[:] += np.array([[-0.5], [0.5], [-0.5], [0.5]])[[0, 1, 0, 1]] * 1.0
    embeddings.train_labels[:] = [0, 1, 0, 1]
    between, whole = 0.25, embeddings.train_features.var()
    assert h_score.score(embeddings) == pytest.approx(between / whole)


@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(1, 12))
def test_h_score_is_bounded_and_any_linear_map_leaves_it_alone(seed, classes, width):
    embeddings = draw(30, width, classes, seed=seed)
    found = h_score.score(embeddings)
    assert -1e-9 <= found <= min(classes - 1, width) + 1e-9
    matrix = np.random.default_rng(seed).normal(size=(width, width)) + 3 * np.eye(width)
    if np.linalg.cond(matrix) < 1e3:
        other = h_score.score(mapped(embeddings, lambda x: x @ matrix))
        assert other == pytest.approx(found, rel=1e-6)


@pytest.mark.parametrize(("examples", "width", "classes"), SIZES)
def test_shrunk_h_score_by_dense_covariances(examples, width, classes):
    embeddings = draw(examples, width, classes)
    reference = LedoitWolf().fit(embeddings.train_features)
    shrunk = (1 - reference.shrinkage_) * between(embeddings)
    expected = np.trace(np.linalg.solve(reference.covariance_, shrunk))
    assert h_score_shrunk.score(embeddings) == pytest.approx(expected, rel=1e-8)
    assert 0 < reference.shrinkage_ < 1
