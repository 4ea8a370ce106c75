"""DISCO: how well the parts of the features' spectrum tell the classes, by their sizes."""

import numpy as np

from needle.proxies.discriminant import own_probability
from needle.proxies.features import coordinates
from needle.proxies.labels import count_classes
from needle.proxies.registry import NoScoreError

DIMENSIONS, PARTS = 128, 8  # those of the authors


def score(embeddings):
    """Compute DISCO for classification (Zhang et al., AAAI 2025, arXiv:2412.19085).

    The training features are projected to their first 128 principal components, which are cut in
    their order into 8 parts of one size. Within a part, the nearest centre classifier gives an
    example the probability p(c | z) ∝ n_c/N exp(-|z - μ_c|² / 2). The score is the mean of p(y | z)
    of each part, weighted by the part's share of the sum of the singular values. As in the authors'
    program (decisionintelligence/DISCO) each class has the covariance I; the paper's equation has
    one of each class's own. It takes all training examples: the paper's choice of hard ones saves
    time only.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        From 0 to 1; changes with the scale of the features, not with a rotation or a shift.

    Raises
    ------
    NoScoreError
        If the features are constant.
    """
    index, _ = count_classes(embeddings.train_labels)
    (features,) = coordinates(embeddings.train_features)
    features = features[:, :DIMENSIONS]
    if not features.size:
        raise NoScoreError("the features are constant")
    singular = np.sqrt((features**2).sum(axis=0))
    parts = np.array_split(np.arange(len(singular)), min(PARTS, len(singular)))
    weights = [singular[part].sum() / singular.sum() for part in parts]
    chances = [own_probability(features[:, part], index) for part in parts]
    return float(np.dot(weights, chances))
