"""NCTI's parts against dense linear discriminant analysis."""

import numpy as np
import pytest
from scipy.linalg import eigh, svdvals
from scipy.special import softmax
from sklearn.decomposition import PCA

from drawn_embeddings import draw, mapped, within_and_means
from needle.proxies.formulas.pooled import ncti_ncc, ncti_seli, ncti_vc


def parts(features, labels):
    """The three parts, higher for better, from scatters."""
    kept = min(64, features.shape[1])
    pca = PCA(kept, svd_solver="full")
    features = pca.fit_transform(features)
    shrinkage = np.exp(-pca.explained_variance_[:32].sum())
    deviations, means = within_and_means(features, labels)
    shares = np.bincount(labels) / len(labels)
    within, whole = deviations.T @ deviations / len(features), np.cov(features.T, bias=True)
    shrunk, whole = (
        (1 - shrinkage) * each + shrinkage * np.trace(each) / kept * np.eye(kept)
        for each in (within, whole)
    )
    axes = eigh(whole - shrunk, shrunk)[1][:, ::-1][:, : len(means) - 1]
    weights = np.linalg.solve(shrunk, means.T)
    logits = features @ weights - (means.T * weights).sum(axis=0) / 2 + np.log(shares)
    chances = softmax(logits, axis=1)
    norms = [svdvals(chances[labels == c]).sum() for c in range(len(means))]
    return (
        svdvals(features @ axes).sum(), chances[range(len(labels)), labels].mean(),
        -np.log(sum(norms)),
    )  # fmt: skip


@pytest.mark.parametrize("scale", [0.05, 0.3, 3.0], ids=["much shrunk", "little", "not at all"])
@pytest.mark.parametrize(("width", "classes"), [(12, 5), (90, 3), (12, 2)])
def test_by_dense_scatters(scale, width, classes):
    embeddings = mapped(draw(200, width, classes, noise=2.0), lambda x: scale * x)
    expected = parts(embeddings.train_features, embeddings.train_labels)
    found = [part.score(embeddings) for part in (ncti_seli, ncti_ncc, ncti_vc)]
    assert found == pytest.approx(expected, rel=1e-6)


def test_certain_classes_have_one_direction_of_probabilities_each():
    # Then the probabilities of a class are n_c equal rows: their nuclear norm is sqrt(n_c).
    embeddings = draw(60, 5, classes=3, noise=1e-3)
    counts = np.bincount(embeddings.train_labels)
    assert ncti_vc.score(embeddings) == pytest.approx(-np.log(np.sqrt(counts).sum()))
    assert ncti_ncc.score(embeddings) == pytest.approx(1)
