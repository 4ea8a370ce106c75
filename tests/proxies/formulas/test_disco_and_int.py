"""DISCO and INT against scipy's parts, and by hand."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import softmax
from scipy.stats import multivariate_normal
from sklearn.decomposition import PCA

from drawn_embeddings import draw
from needle.proxies.formulas.geometry import int as interclass
from needle.proxies.formulas.likelihood import disco_ncc


@pytest.mark.parametrize(("examples", "width"), [(200, 150), (90, 200), (60, 20), (60, 5)])
def test_disco_by_gaussians_of_parts_of_the_spectrum(examples, width):
    embeddings = draw(examples, width, classes=4, noise=1.0)
    embeddings.train_features[:] *= 0.5 / np.sqrt(np.arange(1, width + 1))
    labels, kept = embeddings.train_labels, min(128, width, examples - 1)
    features = PCA(kept, svd_solver="full").fit_transform(embeddings.train_features)
    singular = np.linalg.svd(features, compute_uv=False)
    size, more = divmod(kept, min(8, kept))
    start, expected = 0, 0
    for number in range(min(8, kept)):
        end = start + size + (number < more)
        part = features[:, start:end]
        logs = [
            multivariate_normal(part[labels == c].mean(axis=0)).logpdf(part)
            + np.log((labels == c).mean())
            for c in range(4)
        ]
        chances = softmax(np.transpose(logs), axis=1)[range(examples), labels]
        expected += chances.mean() * singular[start:end].sum() / singular.sum()
        start = end
    assert disco_ncc.score(embeddings) == pytest.approx(expected, rel=1e-7)
    assert 0.3 < expected < 0.9


@pytest.mark.parametrize(("width", "classes"), [(6, 4), (60, 3)])
def test_int_is_the_mean_distance_of_pairs_of_classes(width, classes):
    embeddings = draw(40, width, classes)
    parts = [embeddings.train_features[embeddings.train_labels == c] for c in range(classes)]
    pairs = [cdist(parts[i], parts[j]).mean() for i in range(classes) for j in range(i)]
    assert interclass.score(embeddings) == pytest.approx(np.mean(pairs), rel=1e-9)


def test_int_by_hand():
    # On a line: classes 0, 2 and 5 and 9: means of distances 4 (of 5, 3), 8 and 4.
    embeddings = draw(4, 1, classes=3)
    embeddings.train_features[:, 0] = [0, 2, 5, 9]
    embeddings.train_labels[:] = [0, 0, 1, 2]
    assert interclass.score(embeddings) == pytest.approx((4 + 8 + 4) / 3)
