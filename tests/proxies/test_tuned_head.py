"""The tuned head beside an independent minimisation, and what it must not depend on."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from needle.embedding.embedding_file import Embeddings
from needle.proxies.tuned_head import (
    INVERSE_PENALTIES,
    UNSEEN,
    fit_heads,
    tune_head,
    tune_over_folds,
)


def blobs(seed, n=60, d=5, classes=3, spread=1.5):
    generator = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    centres = generator.normal(size=(classes, d))
    features = centres[labels] + spread * generator.normal(size=(n, d))
    return features.astype(np.float32), labels


def test_it_minimises_the_penalised_log_loss():
    train, labels = blobs(0)
    val, val_labels = blobs(1)
    head = tune_head(train, labels, val, val_labels, 3)
    mean, scale = train.mean(axis=0, dtype=float), train.std(axis=0, dtype=float).mean()
    inputs = (train - mean) / scale

    def loss(flat):
        weight, bias = flat[:15].reshape(3, 5), flat[15:]
        logits = inputs @ weight.T + bias
        said = log_softmax(logits, axis=1)[np.arange(60), labels]
        return -head.inverse_penalty * said.sum() + 0.5 * (weight**2).sum()

    found = minimize(loss, np.zeros(18), options={"gtol": 1e-8}).x
    expected = softmax(inputs @ found[:15].reshape(3, 5).T + found[15:], axis=1)
    np.testing.assert_allclose(softmax(head.logits(train), axis=1), expected, atol=2e-3)


def test_the_penalty_is_the_one_of_the_lowest_log_loss_on_val(monkeypatch):
    train, labels = blobs(0)
    val, val_labels = blobs(1)
    chosen = tune_head(train, labels, val, val_labels, 3)
    losses = {}
    for penalty in INVERSE_PENALTIES:
        monkeypatch.setattr("needle.proxies.tuned_head.INVERSE_PENALTIES", (penalty,))
        said = log_softmax(tune_head(train, labels, val, val_labels, 3).logits(val), axis=1)
        losses[penalty] = -said[np.arange(60), val_labels].mean()
    assert chosen.inverse_penalty == min(losses, key=losses.get)
    assert chosen.inverse_penalty not in (INVERSE_PENALTIES[0], INVERSE_PENALTIES[-1])


@pytest.mark.parametrize(("factor", "shift"), [(100, 0), (0.01, 0), (1, 50)])
def test_it_says_the_same_of_scaled_and_shifted_features(factor, shift):
    train, labels = blobs(0)
    val, val_labels = blobs(1)
    plain = softmax(tune_head(train, labels, val, val_labels, 3).logits(val), axis=1)
    moved = [factor * features + shift for features in (train, val)]
    head = tune_head(moved[0], labels, moved[1], val_labels, 3)
    np.testing.assert_allclose(softmax(head.logits(moved[1]), axis=1), plain, atol=2e-3)


def test_two_classes_and_one_that_train_lacks():
    train, labels = blobs(0, classes=2)
    head = tune_head(train, labels * 2, train, labels * 2, 3)
    assert head.bias[1] == UNSEEN
    assert not head.weight[1].any()
    assert (head.logits(train).argmax(axis=1) == labels * 2).mean() > 0.7


def test_over_folds_each_is_judged_by_a_head_that_has_not_seen_it():
    """Beside fitting each penalty on each fold, and taking the least log loss of all judged."""
    train, labels = blobs(0, n=40)
    val, val_labels = blobs(1, n=20)
    fold = np.arange(60) % 4 - 1  # -1 is in none
    folds = [fold == number for number in range(3)]
    head, said = tune_over_folds(Embeddings(train, labels, val, val_labels, 3), folds)
    features, everyone = np.concatenate([train, val]), np.concatenate([labels, val_labels])
    judged = fold >= 0
    losses, expected = {}, {}
    for place, penalty in enumerate(INVERSE_PENALTIES):
        expected[penalty] = np.full((60, 3), np.nan)
        for part in folds:
            fitted = fit_heads(features[~part], everyone[~part], 3)[place]
            expected[penalty][part] = softmax(fitted.logits(features[part]), axis=1)
        right = expected[penalty][judged, everyone[judged]]
        losses[penalty] = -np.log(right).mean()
    assert head.inverse_penalty == min(losses, key=losses.get)
    np.testing.assert_allclose(said, expected[head.inverse_penalty][judged], atol=1e-12)
    place = INVERSE_PENALTIES.index(head.inverse_penalty)
    np.testing.assert_array_equal(head.weight, fit_heads(train, labels, 3)[place].weight)
