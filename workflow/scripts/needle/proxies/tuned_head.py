"""The head that a frozen model would be used with: a logistic regression with a tuned penalty.

It costs nothing but embeddings that are there (a budget of 0), and is where LP-FT begins (Kumar and
others, Fine-Tuning can Distort Pretrained Features, ICLR 2022).
"""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from threadpoolctl import threadpool_limits

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
    mean = train.mean(axis=0, dtype=np.float64)
    scale = train.std(axis=0, dtype=np.float64).mean() or 1.0
    inputs = (train - mean) / scale
    heads = []
    # More threads than one are slower for products of this size.
    with threadpool_limits(1):
        for inverse_penalty in INVERSE_PENALTIES:
            fitted = LogisticRegression(C=inverse_penalty, max_iter=1000).fit(inputs, train_labels)
            weight, bias = _all_classes(fitted, classes)
            weight = weight / scale
            head = Head(
                weight.astype(np.float32),
                (bias - weight @ mean).astype(np.float32),
                inverse_penalty,
            )
            heads.append((_log_loss(head.logits(val), val_labels), head))
    return min(heads, key=lambda pair: pair[0])[1]


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
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = shifted / shifted.sum(axis=1, keepdims=True)
    return log_loss(labels, probabilities, labels=np.arange(logits.shape[1]))
