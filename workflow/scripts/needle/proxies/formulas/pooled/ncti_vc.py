"""NCTI's third part: how little the examples of a class vary."""

import numpy as np

from needle.proxies.collapse import fisher_space, nuclear_norm


def score(embeddings):
    """Compute the variability collapse score of NCTI (Wang et al., ICCV 2023).

    Minus the logarithm of the sum, over the classes, of the nuclear norm of the class
    probabilities (n_c, C) of their training examples, by the discriminant analysis of
    `needle.proxies.collapse`. The logarithm is that of the authors' program. Probabilities that are
    alike for all classes count as collapsed too: it is meant to be added to `ncti_ncc`.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        Changes with the scale of the features, not with a rotation or a shift.

    Raises
    ------
    NoScoreError
        If the examples of each class have the same features.
    """
    _, probabilities, index = fisher_space(embeddings)
    norms = [nuclear_norm(probabilities[index == c]) for c in np.unique(index)]
    return -float(np.log(np.sum(norms)))
