"""PARC against scipy's and scikit-learn's parts."""

import numpy as np
import pytest
from drawn_embeddings import draw, one_hot
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from needle.proxies.formulas.geometry.parc import score


@pytest.mark.parametrize(
    ("examples", "width", "dimensions"), [(40, 6, 32), (25, 80, 32), (60, 80, 5)]
)
def test_by_the_parts_of_others(examples, width, dimensions):
    embeddings = draw(examples, width, classes=4, noise=1.5)
    kept = min(dimensions, width, examples - 1)
    features = PCA(kept, svd_solver="full").fit_transform(embeddings.train_features)
    features *= np.sign(features[np.abs(features).argmax(axis=0), range(kept)])
    features = StandardScaler().fit_transform(features)
    pairs = np.triu_indices(examples, 1)
    apart, differ = (
        (1 - np.corrcoef(rows))[pairs] for rows in (features, one_hot(embeddings.train_labels))
    )
    expected = spearmanr(apart.round(10), differ.round(10)).statistic
    assert score(embeddings, dimensions) == pytest.approx(expected, abs=1e-9)


def test_two_tight_clusters_are_as_far_apart_as_their_labels():
    rng = np.random.default_rng(0)
    embeddings = draw(20, 30, classes=2)
    centres = rng.normal(size=(2, 30))
    embeddings.train_features[:] = centres[embeddings.train_labels]
    embeddings.train_features[:] += 1e-3 * rng.normal(size=(20, 30))
    assert 0.5 < score(embeddings, dimensions=2) <= 1
