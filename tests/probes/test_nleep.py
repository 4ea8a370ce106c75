"""N-LEEP and its mixture against scikit-learn."""

import numpy as np
import pytest
from drawn_embeddings import draw
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from needle.probes import _mixture, nleep
from needle.probes._mixture import expect, fit_mixture, k_means, maximise
from needle.probes.leep import expected_log_prediction


@pytest.fixture
def converged(monkeypatch):
    monkeypatch.setattr(_mixture, "TOLERANCE", 1e-12)
    monkeypatch.setattr(_mixture, "MOST_STEPS", 3000)


def by_scikit_learn(features, components, seed):
    """The same mixture from the same first assignment."""
    floor = 1e-6 * features.var(axis=0).mean()
    first = np.eye(components)[k_means(features, components, seed)]
    log_weights, means, variances = maximise(features, first, floor)
    reference = GaussianMixture(
        components, covariance_type="diag", tol=1e-12, max_iter=3000, reg_covar=floor,
        weights_init=np.exp(log_weights), means_init=means, precisions_init=1 / variances,
    )  # fmt: skip
    return reference.fit(features)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_mixture_is_that_of_scikit_learn(converged, seed):
    features = draw(200, 4, classes=3, noise=0.8, seed=seed).train_features
    reference = by_scikit_learn(features, 5, seed)
    found = fit_mixture(features, 5, seed)
    assert np.allclose(found.sum(axis=1), 1)
    assert found == pytest.approx(reference.predict_proba(features), abs=1e-4)


def test_the_likelihood_is_that_of_scikit_learn_and_grows():
    features = draw(100, 3).train_features
    shares = np.eye(6)[k_means(features, 6, seed=1)]
    likelihoods = []
    for _ in range(5):
        log_weights, means, variances = maximise(features, shares, 1e-9)
        reference = GaussianMixture(6, covariance_type="diag")
        reference.weights_, reference.means_ = np.exp(log_weights), means
        reference.covariances_, reference.precisions_cholesky_ = variances, variances**-0.5
        shares, likelihood = expect(features, log_weights, means, variances)
        assert likelihood == pytest.approx(reference.score(features), rel=1e-9)
        likelihoods.append(likelihood)
    assert (np.diff(likelihoods) > -1e-9).all()


def test_k_means_assigns_to_the_nearest_mean():
    features = draw(90, 3).train_features
    found = k_means(features, 7, seed=2)
    assert len(set(found)) == 7
    means = np.array([features[found == c].mean(axis=0) for c in range(7)])
    distances = ((features[:, None] - means) ** 2).sum(axis=2)
    assert (found == distances.argmin(axis=1)).all()
    assert (found == k_means(features, 7, seed=2)).all()


def test_k_means_of_fewer_points_than_clusters():
    found = k_means(np.repeat(np.eye(2), 5, axis=0), 4, seed=0)
    assert len(set(found[:5])) == len(set(found[5:])) == 1
    assert found[0] != found[5]


@pytest.mark.parametrize("width", [6, 300])
def test_the_score_is_leep_of_a_mixture_of_principal_components(converged, width):
    embeddings = draw(200, width, classes=3, noise=2.0)
    features = PCA(0.8, svd_solver="full").fit_transform(embeddings.train_features)
    reference = by_scikit_learn(features, 15, seed=1).predict_proba(features)
    expected = expected_log_prediction(reference, embeddings.train_labels)
    assert nleep.score(embeddings, seed=1) == pytest.approx(expected, abs=1e-3)


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


@pytest.mark.parametrize("seed", range(8))
def test_the_first_centres_are_far_apart(seed):
    labels = np.random.default_rng(seed).permutation(np.arange(80) % 8)
    features = 1000 * np.eye(8)[labels] + np.random.default_rng(1).normal(size=(80, 8))
    found = k_means(features, 8, seed)
    assert len({*zip(found, labels, strict=True)}) == 8
