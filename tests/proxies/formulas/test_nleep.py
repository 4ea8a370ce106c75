"""N-LEEP against the same of scikit-learn's principal components."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from drawn_embeddings import draw
from needle.proxies.formulas.likelihood import nleep
from needle.proxies.formulas.likelihood.leep import expected_log_prediction


@pytest.mark.parametrize("width", [6, 300])
def test_the_score_is_leep_of_a_mixture_of_principal_components(width):
    embeddings = draw(200, width, classes=3, noise=2.0)
    features = PCA(0.8, svd_solver="full").fit_transform(embeddings.train_features.astype(float))
    mixture = GaussianMixture(15, covariance_type="diag", random_state=1).fit(features)
    expected = expected_log_prediction(mixture.predict_proba(features), embeddings.train_labels)
    assert nleep.score(embeddings, seed=1) == pytest.approx(expected, abs=1e-3)


def test_the_mixture_finds_clusters_that_are_far_apart():
    labels = np.random.default_rng(0).permutation(np.arange(80) % 8)
    features = 1000 * np.eye(8)[labels] + np.random.default_rng(1).normal(size=(80, 8))
    found = nleep.fit_mixture(features, 8, seed=0)
    assert found.sum(axis=1) == pytest.approx(np.ones(80))
    assert len({*zip(found.argmax(axis=1), labels, strict=True)}) == 8


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_settings_and_seed():
    embeddings = draw(200, 6, classes=3, noise=2.0)
    few = nleep.score(embeddings, seed=1, components_per_class=1)
    assert few < nleep.score(embeddings, seed=1)
    assert nleep.score(embeddings, seed=1) == nleep.score(embeddings, seed=1)
    assert nleep.score(embeddings, seed=1) != nleep.score(embeddings, seed=2)
    # 0.5 of the variance is one axis of two that are alike.
    square = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]] * 10, float)
    alike = draw(40, 2, classes=2)
    alike.train_features[:] = square
    assert np.isfinite(nleep.score(alike, seed=1, energy=0.5))
