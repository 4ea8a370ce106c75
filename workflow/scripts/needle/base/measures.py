"""What classifiers are measured by, from their probabilities, for many weightings at once.

A bootstrap asks for each measure a thousand times, so every formula takes all weightings as one
matrix. The tests hold them against scikit-learn, which takes one at a time: 15 s for a thousand of
240 examples of 12 classes on a shared core, instead of 0.1 s.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BINS = 15  # of confidence; Guo et al., On Calibration of Modern Neural Networks (2017), section 3


@dataclass(frozen=True)
class Measure:
    """A measure and what is to be known of it.

    Attributes
    ----------
    label : str
        What a reader calls it.
    formula : callable
        ``formula(labels, probabilities, weights)`` of shapes (N,), (N, C) and (R, N) gives (R,).
    of_classes : bool
        Whether it is a mean over classes: undefined if one has no examples.
    falls : bool
        Whether less is better.
    share : bool
        Whether it is a fraction, which people read in percent.
    """

    label: str
    formula: Callable
    of_classes: bool = False
    falls: bool = False
    share: bool = True


def measure(name, labels, probabilities, weights=None):
    """Compute a measure.

    Parameters
    ----------
    name : str
        Of `MEASURES`.
    labels : numpy.ndarray of int, shape (N,)
    probabilities : numpy.ndarray of float64, shape (N, C)
        The predicted class is the first of the most probable.
    weights : numpy.ndarray, shape (R, N), optional
        How many times each example counts; in each row every class must count if the measure is
        `of_classes`.

    Returns
    -------
    float, or numpy.ndarray of shape (R,) with `weights`
        NaN if the measure is undefined, see `undefined`.

    Examples
    --------
    >>> labels, sure = np.array([0, 0, 0, 1]), np.array([[1.0, 0], [1, 0], [1, 0], [1, 0]])
    >>> measure("accuracy", labels, sure), measure("balanced_accuracy", labels, sure)
    (0.75, 0.5)
    """
    counted = np.ones((1, len(labels))) if weights is None else weights
    if len(labels) == 0 or (MEASURES[name].of_classes and _absent(labels, probabilities.shape[1])):
        values = np.full(len(counted), np.nan)
    else:
        values = MEASURES[name].formula(labels, probabilities, counted)
    return float(values[0]) if weights is None else values


def undefined(name, labels, classes, of):
    """Say why a measure is undefined; "" if it is not.

    Parameters
    ----------
    name : str
    labels : numpy.ndarray of int, shape (N,)
    classes : list of str
        Their names.
    of : str
        What an example is, such as ``test image``.

    Returns
    -------
    str

    Examples
    --------
    >>> undefined("auroc", np.array([0, 0]), ["ant", "bee"], "test image")
    'class bee has no test image'
    """
    absent = _absent(labels, len(classes)) if MEASURES[name].of_classes else []
    if not absent:
        return ""
    others = len(absent) - 1
    more = f" and {others} other{'s' if others > 1 else ''} have" if others else " has"
    return f"class {classes[absent[0]]}{more} no {of}"


def goodness(name, value):
    """Turn a value so that more is better, for choosing the best."""
    return -value if MEASURES[name].falls else value


def _absent(labels, classes):
    return np.flatnonzero(np.bincount(labels, minlength=classes) == 0).tolist()


def _one_hot(index, size):
    return np.eye(size)[index]


def _accuracy(labels, probabilities, weights):
    return weights @ (probabilities.argmax(axis=1) == labels) / weights.sum(axis=1)


def _confusion(labels, probabilities, weights):
    """Weights of each class (R, C): those predicted right, of all its examples, of all said so."""
    truth = _one_hot(labels, probabilities.shape[1])
    said = _one_hot(probabilities.argmax(axis=1), probabilities.shape[1])
    return weights @ (truth * said), weights @ truth, weights @ said


def _balanced_accuracy(labels, probabilities, weights):
    right, examples, _ = _confusion(labels, probabilities, weights)
    return (right / examples).mean(axis=1)


def _macro_f1(labels, probabilities, weights):
    right, examples, said = _confusion(labels, probabilities, weights)
    return (2 * right / (examples + said)).mean(axis=1)


def _auroc(labels, probabilities, weights):
    """Share of pairs, one of the class and one of another, that are in order; ties count half."""
    areas = np.zeros(len(weights))
    for label, scores in enumerate(probabilities.T):
        order = scores.argsort(kind="stable")
        starts = np.flatnonzero(np.diff(scores[order], prepend=-1))  # of those with equal scores
        sorted_weights, mine = weights[:, order], labels[order] == label
        own = np.add.reduceat(sorted_weights * mine, starts, axis=1)
        others = np.add.reduceat(sorted_weights * ~mine, starts, axis=1)
        below = others.cumsum(axis=1) - others / 2
        areas += (own * below).sum(axis=1) / (own.sum(axis=1) * others.sum(axis=1))
    return areas / probabilities.shape[1]


def _log_loss(labels, probabilities, weights):
    # Bounded as scikit-learn does: one example that was thought impossible is not infinitely bad.
    said = probabilities[np.arange(len(labels)), labels].clip(np.finfo(np.float64).eps)
    return weights @ -np.log(said) / weights.sum(axis=1)


def _calibration_error(labels, probabilities, weights):
    """Expected calibration error: mean distance of confidence and accuracy over bins."""
    confidence = probabilities.max(axis=1)
    bins = np.ceil(confidence * BINS).astype(int).clip(1, BINS) - 1
    gaps = (probabilities.argmax(axis=1) == labels) - confidence
    sums = weights @ (_one_hot(bins, BINS) * gaps[:, None])
    return np.abs(sums).sum(axis=1) / weights.sum(axis=1)


ACCURACY = "accuracy"
MEASURES = {
    ACCURACY: Measure("accuracy", _accuracy),
    "balanced_accuracy": Measure("balanced accuracy", _balanced_accuracy, of_classes=True),
    "macro_f1": Measure("macro F1", _macro_f1, of_classes=True),
    "auroc": Measure("AUROC", _auroc, of_classes=True),
    "log_loss": Measure("log loss", _log_loss, falls=True, share=False),
    "calibration_error": Measure("calibration error", _calibration_error, falls=True),
}
