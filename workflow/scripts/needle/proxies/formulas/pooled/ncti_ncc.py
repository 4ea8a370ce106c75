"""NCTI's second part: how sure the nearest class centre is of its examples."""

import numpy as np

from needle.proxies.collapse import fisher_space


def score(embeddings):
    """Compute the nearest centre score of NCTI (Wang et al., ICCV 2023).

    The mean probability of the own class over the training examples, by the discriminant analysis
    of `needle.proxies.collapse`: once a network has collapsed, the nearest centre is always right.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        A probability; changes with the scale of the features, not with a rotation or a shift.

    Raises
    ------
    NoScoreError
        If the examples of each class have the same features.
    """
    _, probabilities, index = fisher_space(embeddings)
    return float(probabilities[np.arange(len(index)), index].mean())
