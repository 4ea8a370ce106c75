"""The discriminant analysis in which NCTI looks for neural collapse."""

import numpy as np

from needle.proxies.discriminant import log_probabilities, scatter_within, shrunk
from needle.proxies.features import coordinates
from needle.proxies.labels import count_classes

DIMENSIONS, LEADING = 64, 32  # components, and those whose variances set the shrinkage
SMALLEST = 1e-8  # relative variance within the classes of a direction that is looked at


def fisher_space(embeddings):
    """Fit NCTI's discriminant analysis (Wang et al., ICCV 2023) to the training features.

    As in the authors' program (BUserName/NCTI): the features are projected to their first 64
    principal components. With the variances v of these (by N - 1), λ = exp(-sum of the first 32 v)
    shrinks the covariance S within the classes and that of all examples T (both by N):
    S̃ = (1 - λ) S + λ tr(S)/K I, and T̃ in the same way. The axes of the Fisher space are the first
    C - 1 solutions a of (T̃ - S̃) a = κ S̃ a with a' S̃ a = 1. Directions in which the classes do not
    vary are left out.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    projected : numpy.ndarray, shape (N, C - 1) at most
        The examples along these axes; centred.
    probabilities : numpy.ndarray, shape (N, C)
        Of each class, for each example, where classes are Gaussians with the covariance S̃.
    index : numpy.ndarray of int, shape (N,)
        The examples' own classes.

    Raises
    ------
    NoScoreError
        If the examples of each class have the same features.
    """
    index, counts = count_classes(embeddings.train_labels)
    (features,) = coordinates(embeddings.train_features)
    features = features[:, :DIMENSIONS]
    whole = (features**2).sum(axis=0) / len(index)  # T is diagonal
    within = scatter_within(features, index)
    variances = whole * len(index) / (len(index) - 1)
    shrinkage = np.exp(-variances[:LEADING].sum())
    width = len(whole)
    within, whole = shrunk(within, shrinkage, width), shrunk(np.diag(whole), shrinkage, width)
    squares, axes = np.linalg.eigh(within)
    varies = squares > SMALLEST * squares[-1]
    whitening = axes[:, varies] / np.sqrt(squares[varies])
    _, turned = np.linalg.eigh(whitening.T @ (whole - within) @ whitening)
    whitened = features @ whitening
    projected = whitened @ turned[:, ::-1][:, : len(counts) - 1]
    return projected, np.exp(log_probabilities(whitened, index)), index


def nuclear_norm(matrix):
    """Sum the singular values."""
    return float(np.linalg.norm(matrix, "nuc"))
