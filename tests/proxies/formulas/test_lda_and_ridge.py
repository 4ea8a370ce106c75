"""The closed-form stand-ins against dense formulas and refits."""

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from drawn_embeddings import draw, one_hot, within_and_means
from needle.proxies.features import coordinates
from needle.proxies.formulas.classifiers import lda, ridge

SIZES = [(60, 5, 3, 2.0), (60, 150, 3, 6.0), (90, 20, 30, 2.0)]


@pytest.mark.parametrize(("examples", "width", "classes", "noise"), SIZES)
def test_lda_by_dense_densities(examples, width, classes, noise):
    embeddings = draw(examples, width, classes, noise, val=100)
    labels = embeddings.train_labels
    deviations, means = within_and_means(embeddings.train_features, labels)
    covariance = LedoitWolf(assume_centered=True).fit(deviations).covariance_
    apart = embeddings.val_features[:, None] - means  # (M, C, D)
    distances = np.einsum("mcd,de,mce->mc", apart, np.linalg.inv(covariance), apart)
    logits = np.log(np.bincount(labels) / examples) - distances / 2
    expected = (logits.argmax(axis=1) == embeddings.val_labels).mean()
    assert lda.score(embeddings) == expected
    assert 1.5 / classes < expected < 1


def refitted_error(features, targets, penalty):
    """Leave each example out, refit with an intercept, and sum the squared errors."""
    total = 0
    for i in range(len(features)):
        rest = np.arange(len(features)) != i
        mean, level = features[rest].mean(axis=0), targets[rest].mean(axis=0)
        x, y = features[rest] - mean, targets[rest] - level
        weights = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y)
        total += ((level + (features[i] - mean) @ weights - targets[i]) ** 2).sum()
    return total


@pytest.mark.parametrize(("examples", "width", "classes"), [(25, 4, 3), (20, 24, 3)])
def test_ridge_chooses_the_penalty_by_refits(examples, width, classes):
    embeddings = draw(examples, width, classes, noise=2.5, val=60)
    features, targets = embeddings.train_features, one_hot(embeddings.train_labels)
    centred = features - features.mean(axis=0)
    penalties = ridge.PENALTIES * np.linalg.eigvalsh(centred @ centred.T).max()
    errors = [refitted_error(features, targets, penalty) for penalty in penalties]
    best = penalties[np.argmin(errors)]
    (train,) = coordinates(features)
    level = targets - targets.mean(axis=0)
    chosen = ridge.best_penalty(train, level, (train**2).sum(axis=0))
    assert chosen == pytest.approx(best)
    assert penalties[0] < best < penalties[-1]
    weights = np.linalg.solve(centred.T @ centred + best * np.eye(width), centred.T @ level)
    predicted = (embeddings.val_features - features.mean(axis=0)) @ weights + targets.mean(axis=0)
    expected = (predicted.argmax(axis=1) == embeddings.val_labels).mean()
    assert ridge.score(embeddings) == expected


def test_val_has_no_say_in_training():
    one, other = draw(40, 6, seed=1), draw(40, 6, seed=1)
    other.val_labels[:] = (other.val_labels + 1) % 4
    for proxy in (lda, ridge):
        assert proxy.score(one) > 0.4
        assert proxy.score(one) + proxy.score(other) <= 1


def test_labels_need_not_be_numbered_from_0():
    embeddings = draw(40, 6)
    expected = lda.score(embeddings), ridge.score(embeddings)
    embeddings.train_labels[:] += 3
    embeddings.val_labels[:] += 3
    assert (lda.score(embeddings), ridge.score(embeddings)) == expected
