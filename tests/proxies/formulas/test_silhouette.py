"""The mean silhouette coefficient against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from drawn_embeddings import draw
from needle.proxies.formulas.geometry.silhouette import score


@pytest.mark.parametrize(("examples", "width", "classes"), [(50, 4, 3), (40, 90, 5), (30, 2, 20)])
def test_it_is_that_of_scikit_learn(examples, width, classes):
    embeddings = draw(examples, width, classes)
    expected = silhouette_score(embeddings.train_features, embeddings.train_labels)
    assert score(embeddings) == pytest.approx(expected, abs=1e-7)


def test_by_hand():
    # On a line: 0 and 1 of one class, 3 alone: s = (3 - 1)/3, (2 - 1)/2, 0.
    embeddings = draw(3, 1, classes=2)
    embeddings.train_features[:] = [[0], [1], [3]]
    embeddings.train_labels[:] = [0, 0, 1]
    assert score(embeddings) == pytest.approx((2 / 3 + 1 / 2) / 3)


def test_far_from_the_origin_it_is_as_exact():
    embeddings = draw(40, 5)
    expected = score(embeddings)
    embeddings.train_features[:] += np.float64(2**20)
    assert score(embeddings) == pytest.approx(expected, abs=1e-6)
