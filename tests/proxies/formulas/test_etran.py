"""ETran's two parts against scipy and distances, and by hand."""

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from drawn_embeddings import draw, mapped
from needle.proxies.formulas.pooled import etran_energy, etran_lda


@pytest.mark.parametrize("scale", [1, 1e3])
@pytest.mark.parametrize(("examples", "lowest"), [(40, 1), (400, 2), (1000, 5)])
def test_energy_is_the_mean_of_the_lowest_logs_of_summed_exponentials(scale, examples, lowest):
    embeddings = mapped(draw(examples), lambda x: scale * x)
    energies = np.sort(logsumexp(embeddings.train_features, axis=1))
    found = etran_energy.score(embeddings)
    assert found == pytest.approx(energies[:lowest].mean(), rel=1e-12)


def test_energy_by_hand():
    embeddings = draw(2, 2, classes=2)
    embeddings.train_features[:] = [[0, 0], [np.log(3), 0]]
    assert etran_energy.score(embeddings) == pytest.approx(np.log(2))
    moved = mapped(embeddings, lambda x: x + 5)
    assert etran_energy.score(moved) == pytest.approx(np.log(2) + 5)


@pytest.mark.parametrize(("width", "scale"), [(6, 1.0), (60, 0.3), (6, 50.0)])
def test_the_labelled_part_is_by_distances_to_the_means(width, scale):
    embeddings = mapped(draw(60, width, noise=2.0), lambda x: scale * x)
    features, labels = embeddings.train_features, embeddings.train_labels
    means = np.array([features[labels == c].mean(axis=0) for c in range(4)])
    squares = ((features[:, None] - means) ** 2).sum(axis=2)
    chances = softmax(-squares / 2 + np.log(np.bincount(labels) / 60), axis=1)
    expected = chances[range(60), labels].mean()
    assert etran_lda.score(embeddings) == pytest.approx(expected, rel=1e-9)


def test_the_labelled_part_by_hand():
    # Two classes at -1 and 1: an example at x is of the right one with 1 / (1 + exp(-2 |x|)).
    embeddings = draw(4, 1, classes=2)
    embeddings.train_features[:, 0] = [-2, 0, 0, 2]
    embeddings.train_labels[:] = [0, 0, 1, 1]
    assert etran_lda.score(embeddings) == pytest.approx((1 / (1 + np.exp(-4)) + 1 / 2) / 2)
