"""LEEP and NCE by hand and by loops."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_embeddings import draw
from needle.embedding.embedding_file import Embeddings
from needle.proxies.formulas.likelihood import leep, nce


def of(probabilities, labels):
    features = np.zeros((len(labels), 1))
    return Embeddings(features, np.array(labels), features, np.array(labels), 2,
                      np.array(probabilities))  # fmt: skip


def test_leep_by_hand():
    # P(y, z) = [[1, 1], [0, 2]] / 4 but for the soft example: [[1.5, .5], [.5, 1.5]] / 4.
    embeddings = of([[1, 0], [0.5, 0.5], [0.5, 0.5], [0, 1]], [0, 0, 1, 1])
    certain, torn = 3 / 4, (3 / 4 + 1 / 4) / 2
    assert leep.score(embeddings) == pytest.approx((2 * np.log(certain) + 2 * np.log(torn)) / 4)


def test_leep_by_loops():
    embeddings = draw(30, 3, classes=3, sources=5)
    theta, labels = embeddings.train_source_probabilities, embeddings.train_labels
    joint = {(y, z): sum(theta[i, z] for i in range(30) if labels[i] == y) / 30
             for y in range(3) for z in range(5)}  # fmt: skip
    marginal = [sum(joint[y, z] for y in range(3)) for z in range(5)]
    total = sum(
        np.log(sum(joint[labels[i], z] / marginal[z] * theta[i, z] for z in range(5)))
        for i in range(30)
    )
    assert leep.score(embeddings) == pytest.approx(total / 30, rel=1e-12)


def test_nce_by_hand():
    # Of the source class 0: two of class 0, one of 1; of source class 2: one of class 1.
    probabilities = [[0.8, 0.1, 0.1], [0.5, 0.3, 0.2], [0.4, 0.3, 0.3], [0.1, 0.2, 0.7]]
    expected = (2 * np.log(2 / 3) + np.log(1 / 3) + np.log(1)) / 4
    assert nce.score(of(probabilities, [0, 0, 1, 1])) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=30))
def test_of_a_model_that_is_certain_both_are_the_same_and_bounded_by_the_labels_entropy(pairs):
    labels, sources = np.array(pairs).T
    if len(set(labels)) < 2:
        return
    embeddings = of(np.eye(5)[sources], labels)
    assert leep.score(embeddings) == pytest.approx(nce.score(embeddings), abs=1e-12)
    shares = np.bincount(labels) / len(labels)
    entropy = -sum(p * np.log(p) for p in shares if p)
    assert -entropy - 1e-12 <= leep.score(embeddings) <= 1e-12


def test_source_classes_that_tell_nothing_leave_the_entropy_of_the_labels():
    embeddings = dataclasses.replace(draw(), train_source_probabilities=np.full((40, 3), 1 / 3))
    shares = np.bincount(embeddings.train_labels) / 40
    assert leep.score(embeddings) == pytest.approx(shares @ np.log(shares))
