"""PACTran-Gaussian: a PAC-Bayes bound on the loss of a linear classifier on the features."""

import numpy as np
from scipy.optimize import minimize

from needle.proxies.features import coordinates
from needle.proxies.labels import count_classes, one_hot

TOLERANCE = 1e-7  # of the gradient, whose entries are those of a mean loss
MOST_STEPS = 2000


def score(embeddings, regularisation=1.0, variance=100.0):
    """Compute minus the PACTran-Gaussian bound (Ding et al., ECCV 2022, arXiv:2203.05126).

    The prior of the weights of a softmax classifier (D x C, and biases without prior) is
    N(0, σ² I), the posterior N(w, v I); the bound weighs their divergence by 1/λ. With the best v
    it is, for the mean cross-entropy L on the centred training features and H its Hessian,

        min_w  L(w) + |w|² / (2 λσ²) + DC/(2λ) log(1 + λσ² tr H(w) / (DC)),

    where the minimum is taken of the first two terms, and tr H = 1/N sum_n |f_n|² (1 - |p_n|²)
    with the class probabilities p_n.

    Parameters
    ----------
    embeddings : Embeddings
    regularisation : float
        λσ² / N.
    variance : float
        σ² D. The defaults of both are among the values that the paper tries.

    Returns
    -------
    float
        Minus a loss in nats; changes with the scale of the features, not with a rotation or a
        shift.
    """
    index, counts = count_classes(embeddings.train_labels)
    (features,) = coordinates(embeddings.train_features)
    examples, weights = len(index), embeddings.train_features.shape[1] * len(counts)
    strength = regularisation * examples  # λσ²
    loss, probabilities = fit_softmax(features, one_hot(index), strength)
    lengths = (features**2).sum(axis=1)
    trace = float((lengths * (1 - (probabilities**2).sum(axis=1))).sum() / examples)
    prior = variance / embeddings.train_features.shape[1]  # σ²
    flatness = weights * prior / (2 * strength) * np.log1p(strength * trace / weights)
    return float(-(loss + flatness))


def fit_softmax(features, targets, strength):
    """Minimise the mean cross-entropy + |w|² / (2 strength) of a softmax classifier.

    Parameters
    ----------
    features : numpy.ndarray, shape (N, K)
        Principal coordinates.
    targets : numpy.ndarray, shape (N, C)
        One-hot labels.
    strength : float

    Returns
    -------
    loss : float
        The minimum.
    probabilities : numpy.ndarray, shape (N, C)
    """
    examples, classes = targets.shape
    # The cross-entropy bends at most half as much as |f|² (Böhning 1992): in these units the loss
    # is about as steep in all directions, whatever the spectrum.
    bends = np.append((features**2).sum(axis=0) / (2 * examples) + 1 / strength, 0.5)
    units = 1 / np.sqrt(bends)[:, None]
    inputs = np.hstack([features, np.ones((examples, 1))]) * units.T
    penalties = np.append(np.full(features.shape[1], 1 / strength), 0)[:, None] * units**2

    def loss(flat):
        weights = flat.reshape(-1, classes)
        logits = inputs @ weights
        logits -= logits.max(axis=1, keepdims=True)
        probabilities = np.exp(logits)
        totals = probabilities.sum(axis=1, keepdims=True)
        probabilities /= totals
        entropy = float((np.log(totals[:, 0]) - (logits * targets).sum(axis=1)).mean())
        gradient = inputs.T @ (probabilities - targets) / examples + penalties * weights
        value = entropy + float((penalties * weights**2).sum()) / 2
        return value, gradient.ravel(), probabilities

    start = np.zeros(inputs.shape[1] * classes)
    # ftol=0: only the gradient says when it is done.
    limits = {"gtol": TOLERANCE, "ftol": 0, "maxiter": MOST_STEPS, "maxfun": 2 * MOST_STEPS}
    found = minimize(
        lambda flat: loss(flat)[:2], start, jac=True, method="L-BFGS-B", options=limits
    )
    value, _, probabilities = loss(found.x)
    return value, probabilities
