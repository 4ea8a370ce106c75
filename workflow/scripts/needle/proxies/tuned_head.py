"""The head that a frozen model would be used with: a logistic regression with a tuned penalty.

It costs nothing but embeddings that are there (a budget of 0), and is where LP-FT begins (Kumar and
others, Fine-Tuning can Distort Pretrained Features, ICLR 2022).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from threadpoolctl import threadpool_limits

from needle.proxies.folds import folded

INVERSE_PENALTIES = tuple(10.0**power for power in range(-5, 2))  # on features of unit variance
UNSEEN = -20.0  # the logit of a class that train does not have


@dataclass(frozen=True)
class Head:
    """A linear classifier of embeddings.

    Attributes
    ----------
    weight : numpy.ndarray of float32, shape (C, D)
    bias : numpy.ndarray of float32, shape (C,)
    inverse_penalty : float
        What was chosen of `INVERSE_PENALTIES`.
    """

    weight: np.ndarray
    bias: np.ndarray
    inverse_penalty: float

    def logits(self, features):
        """Compute logits float64 (N, C) of features (N, D)."""
        return features.astype(np.float64) @ self.weight.T.astype(np.float64) + self.bias


def tune_head(train, train_labels, val, val_labels, classes):
    """Fit a head with each penalty on train, and choose by the log loss on val.

    Features are centred and divided by one number first, their mean standard deviation, so that a
    penalty means the same for every model; the head that is returned takes them as they are.

    Parameters
    ----------
    train : numpy.ndarray, shape (N, D)
    train_labels : numpy.ndarray of int, shape (N,)
    val : numpy.ndarray, shape (M, D)
    val_labels : numpy.ndarray of int, shape (M,)
    classes : int
        Number of classes C.

    Returns
    -------
    Head
        Of penalties that are level, the strongest.

    Examples
    --------
    >>> features = np.array([[0.0], [1.0], [10.0], [11.0]])
    >>> head = tune_head(features, np.array([0, 0, 1, 1]), features, np.array([0, 0, 1, 1]), 2)
    >>> head.logits(np.array([[2.0], [9.0]])).argmax(axis=1).tolist()
    [0, 1]
    """
    heads = fit_heads(train, train_labels, classes)
    return min(heads, key=lambda head: _log_loss(head.logits(val), val_labels))


def tune_over_folds(embeddings, folds):
    """Fit a head with each penalty on each fold, and choose by the log loss on all judged.

    Parameters
    ----------
    embeddings : Embeddings
    folds : list of numpy.ndarray of bool, shape (N,)
        What is val, of train and then val.

    Returns
    -------
    head : Head
        Of this penalty, fitted on train.
    probabilities : numpy.ndarray of float64, shape (M, C)
        Of the examples of train and then val that are in a fold, each by a head of this penalty
        that has not seen it.
    """
    judged = np.any(folds, axis=0)
    labels = np.concatenate([embeddings.train_labels, embeddings.val_labels])
    logits = np.full((len(INVERSE_PENALTIES), len(labels), embeddings.classes), np.nan)
    for val, part in zip(folds, folded(embeddings, folds), strict=True):
        heads = fit_heads(part.train_features, part.train_labels, embeddings.classes)
        logits[:, val] = [head.logits(part.val_features) for head in heads]
    losses = [_log_loss(said[judged], labels[judged]) for said in logits]
    best = int(np.argmin(losses))
    heads = fit_heads(embeddings.train_features, embeddings.train_labels, embeddings.classes)
    return heads[best], softmax(logits[best, judged], axis=1)


def fit_heads(features, labels, classes):
    """Fit a head with each of `INVERSE_PENALTIES`, the strongest first: see `tune_head`."""
    mean = features.mean(axis=0, dtype=np.float64)
    scale = features.std(axis=0, dtype=np.float64).mean() or 1.0
    inputs = (features - mean) / scale
    heads = []
    # More threads than one are slower for products of this size.
    with threadpool_limits(1):
        for inverse_penalty in INVERSE_PENALTIES:
            fitted = LogisticRegression(C=inverse_penalty, max_iter=10_000).fit(inputs, labels)
            weight, bias = _all_classes(fitted, classes)
            weight = weight / scale
            head = Head(
                weight.astype(np.float32),
                (bias - weight @ mean).astype(np.float32),
                inverse_penalty,
            )
            heads.append(head)
    return heads


def _all_classes(fitted, classes):
    """Lay out weights (C, D) and biases (C,) of a fit, which lacks the classes that train lacks."""
    weight, bias = np.zeros((classes, fitted.coef_.shape[1])), np.full(classes, UNSEEN)
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(coefficients) == 1:  # of two classes, how much more the second is
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    weight[fitted.classes_], bias[fitted.classes_] = coefficients, intercepts
    return weight, bias


def _log_loss(logits, labels):
    return log_loss(labels, softmax(logits, axis=1), labels=np.arange(logits.shape[1]))
