"""The paper's linear proxy: a softmax classifier on frozen embeddings, trained by SGD.

Trained from zero, the weights stay sums of the training examples: W = X' A, with one row of A for
each example. Then the logits of a batch are rows of X X' times A, and its gradient touches the same
rows of A only: one matrix product in a step where the weights themselves need two.
"""

import math

import numpy as np
from tqdm import tqdm

from needle.base.sgd import batch_order, learning_rate_factors

LARGEST = 60  # e^60 and e^-60 are far from the limits of float32


def train_linear(features, labels, classes, batches, learning_rates, protocol):
    """Train linear classifiers from zero by SGD with momentum, as torch.optim.SGD does.

    Parameters
    ----------
    features : numpy.ndarray, shape (N, D)
        Float32 or float64; all is computed in this type.
    labels : numpy.ndarray of int, shape (N,)
    classes : int
        Number of classes C.
    batches : numpy.ndarray of int, shape (S, steps, batch)
        Training examples of every batch of every repeat; a batch may hold one more than once.
    learning_rates : list of float, length L
        Each is trained on the same batches.
    protocol : dict
        ``momentum``, ``weight_decay``, ``schedule``.

    Returns
    -------
    numpy.ndarray, shape (S, L, D + 1, C)
        Weights; the last row is the bias.

    Examples
    --------
    One step from zero goes against the mean gradient, here -1/2 and 1/2 for each example:

    >>> protocol = {"momentum": 0.5, "weight_decay": 0.0,
    ...             "schedule": {"kind": "step", "milestones": [], "factor": 0.1}}
    >>> features, batches = np.array([[4.0], [2.0]]), np.array([[[0, 1]]])
    >>> train_linear(features, np.array([0, 0]), 2, batches, [0.5], protocol).tolist()
    [[[[0.75, -0.75], [0.25, -0.25]]]]
    """
    # The bias is the weight of a constant feature.
    inputs = np.hstack([features, np.ones((len(features), 1), features.dtype)])
    rates = np.asarray(learning_rates, features.dtype)
    # For each logit of a batch: one product of length N, or two of length D + 1.
    dual = len(inputs) < 2 * inputs.shape[1]
    table = inputs @ inputs.T if dual else inputs
    trained = [_train(table, dual, labels, classes, order, rates, protocol) for order in batches]
    weights = [inputs.T @ coefficients if dual else coefficients for coefficients in trained]
    shape = (len(batches), inputs.shape[1], len(rates), classes)
    return np.stack(weights).reshape(shape).swapaxes(1, 2)


def _train(table, dual, labels, classes, order, rates, protocol):
    """Train one repeat, the L learning rates side by side.

    `table` is X X' if `dual`, else X. The velocity is kept times the learning rate and divided by
    `scale`, which shrinks by the momentum: so a step changes only the rows that its batch touches.
    """
    columns = len(rates) * classes
    coefficients = np.zeros((table.shape[1], columns), table.dtype)
    velocity, change = np.zeros_like(coefficients), np.empty_like(coefficients)
    batch_size = order.shape[1]
    row_buffer = np.empty((batch_size, table.shape[1]), table.dtype)
    error_buffer = np.empty((batch_size, columns), table.dtype)
    scale, momentum, decay = 1.0, protocol["momentum"], protocol["weight_decay"]
    factors = learning_rate_factors(protocol["schedule"], len(order))
    for batch, factor in zip(tqdm(order, "linear proxy", mininterval=10), factors, strict=True):
        # An example that is in the batch twice is computed once and counts twice.
        counts = np.bincount(batch, minlength=len(table))
        seen = counts.nonzero()[0]
        rows = np.take(table, seen, axis=0, out=row_buffer[: len(seen)], mode="clip")
        error = np.dot(rows, coefficients, out=error_buffer[: len(seen)])
        scale *= momentum
        if scale < 1e-6:
            velocity *= scale
            scale = 1.0
        shares = counts[seen, None] * (rates / (batch_size * scale))
        _errors(error.reshape(-1, len(rates), classes), labels[seen], shares)
        if decay:
            np.multiply(coefficients, np.repeat(rates * (decay / scale), classes), out=change)
            velocity += change
        if dual:
            velocity[seen] += error
        else:
            velocity += np.dot(rows.T, error, out=change)
        coefficients -= np.multiply(velocity, factor * scale, out=change)
    return coefficients


def _errors(logits, labels, shares):
    """Turn logits (n, L, C) in place into softmax - one-hot, times `shares` (n, L)."""
    # Written so that NaN, of a run that diverged, counts as large.
    if not (logits.max() <= LARGEST and logits.min() >= -LARGEST):
        logits -= logits.max(axis=-1, keepdims=True)
    np.exp(logits, out=logits)
    # One product with ones is faster than many short sums.
    totals = logits.reshape(-1, logits.shape[-1]) @ np.ones(logits.shape[-1], logits.dtype)
    shares = shares.astype(logits.dtype)
    logits *= (shares / totals.reshape(shares.shape))[..., None]
    logits[np.arange(len(logits)), :, labels] -= shares


def accuracy(weights, features, labels):
    """Compute the accuracy of R classifiers; NaN where the logits are not finite.

    Parameters
    ----------
    weights : numpy.ndarray, shape (R, D + 1, C)
    features : numpy.ndarray, shape (M, D)
    labels : numpy.ndarray of int, shape (M,)

    Returns
    -------
    list of float, length R

    Examples
    --------
    Class 0 where the feature is positive:

    >>> accuracy(np.array([[[1.0, -1.0], [0.0, 0.0]]]), np.array([[2.0], [-1.0]]), np.array([0, 0]))
    [0.5]
    """
    logits = features @ weights[:, :-1] + weights[:, -1:]
    correct = (logits.argmax(axis=-1) == labels).mean(axis=1)
    finite = np.isfinite(logits).all(axis=(1, 2))
    return [float(c) if ok else math.nan for c, ok in zip(correct, finite, strict=True)]


def runs(embeddings, protocol, seeds):
    """Train every learning rate with every repeat and measure validation accuracy.

    Parameters
    ----------
    embeddings : Embeddings
    protocol : dict
        The config's ``proxies.linear``.
    seeds : list of int
        One for each repeat: it draws the batches, the same for every learning rate.

    Returns
    -------
    list of dict
        ``repeat, learning_rate, value``, one for each run: validation accuracy, NaN if the training
        diverged.
    """
    size, steps = protocol["batch_size"], protocol["steps"]
    examples = len(embeddings.train_features)
    batches = np.stack([batch_order(examples, size, steps, seed) for seed in seeds])
    # A run that diverges overflows, and has no accuracy.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        weights = train_linear(
            embeddings.train_features,
            embeddings.train_labels,
            embeddings.classes,
            batches,
            protocol["learning_rates"],
            protocol,
        )
        trained = weights.reshape(-1, *weights.shape[2:])
        accuracies = accuracy(trained, embeddings.val_features, embeddings.val_labels)
    return [
        {"repeat": repeat, "learning_rate": rate, "value": accuracies.pop(0)}
        for repeat in range(protocol["repeats"])
        for rate in protocol["learning_rates"]
    ]
