"""GBC against the integral that the Bhattacharyya coefficient is."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm
from sklearn.decomposition import PCA

from drawn_embeddings import draw
from needle.proxies.formulas.geometry.gbc import score


def test_on_a_line_it_is_an_integral():
    embeddings = draw(30, 1, classes=3, noise=0.8)
    parts = [embeddings.train_features[embeddings.train_labels == c, 0] for c in range(3)]
    densities = [norm(part.mean(), part.std()).pdf for part in parts]
    expected = -sum(
        quad(lambda x, i=i, j=j: np.sqrt(densities[i](x) * densities[j](x)), -30, 30,
             points=[0], limit=500)[0]
        for i in range(3) for j in range(3) if i != j
    )  # fmt: skip
    assert score(embeddings) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("width", "dimensions"), [(5, 64), (100, 64), (100, 3), (30, 7)])
def test_by_dense_gaussians_of_principal_components(width, dimensions):
    embeddings = draw(90, width, classes=3, noise=2.0)
    kept = min(dimensions, width)
    features = PCA(kept, svd_solver="full").fit_transform(embeddings.train_features)
    parts = [features[embeddings.train_labels == c] for c in range(3)]
    expected = 0
    for i in range(3):
        for j in range(3):
            one, other = (np.eye(kept) * parts[k].var(axis=0).mean() for k in (i, j))
            apart = parts[i].mean(axis=0) - parts[j].mean(axis=0)
            both = (one + other) / 2
            distance = (
                apart @ np.linalg.solve(both, apart) / 8
                + (
                    np.linalg.slogdet(both)[1]
                    - (np.linalg.slogdet(one)[1] + np.linalg.slogdet(other)[1]) / 2
                )
                / 2
            )
            expected -= (i != j) * np.exp(-distance)
    assert score(embeddings, dimensions) == pytest.approx(expected, rel=1e-9)


def test_a_class_of_one_example_overlaps_with_none():
    embeddings = draw(9, 2, classes=2)
    embeddings.train_labels[:] = [0] * 4 + [1] * 4 + [2]
    pair = draw(9, 2, classes=2)
    pair.train_labels[:] = [0] * 4 + [1] * 5
    assert -2 < score(embeddings) < 0
    alone = embeddings.train_features[:8]
    means = [alone[:4].mean(axis=0), alone[4:].mean(axis=0)]
    v, w = (alone[:4] - means[0]).var(), (alone[4:] - means[1]).var()
    u = (v + w) / 2
    apart = ((means[0] - means[1]) ** 2).sum() / (8 * u) + np.log(u / np.sqrt(v * w))
    assert score(embeddings) == pytest.approx(-2 * np.exp(-apart))
