"""TransRate: the mutual information of features and labels, by coding rates."""

import numpy as np

from needle.proxies.features import centred
from needle.proxies.labels import count_classes


def score(embeddings, epsilon=1e-4):
    """Compute TransRate (Huang et al., ICML 2022, arXiv:2106.09362).

    The coding rate of n centred features Z is R(Z) = 1/2 log det(I + Z'Z / (n ε)); the score is
    R(Z) - sum_c n_c/N R(Z_c), where the features of a class are not centred anew. The authors'
    program takes the plain mean over the classes, which is the same where all have one size.

    Parameters
    ----------
    embeddings : Embeddings
    epsilon : float
        ε, the squared error that is allowed; the default is the paper's.

    Returns
    -------
    float
        In nats, at least 0; changes with the scale of the features, not with a rotation or a
        shift. 0 if they are constant.
    """
    index, counts = count_classes(embeddings.train_labels)
    features = centred(embeddings.train_features)
    rates = [_coding_rate(features[index == c], epsilon) for c in range(len(counts))]
    return _coding_rate(features, epsilon) - float(counts @ rates / len(index))


def _coding_rate(features, epsilon):
    """Compute R of the rows of Z, by the smaller of Z'Z and Z Z'."""
    examples, width = features.shape
    small = features if width < examples else features.T
    volume = small.T @ small / (examples * epsilon)
    volume[np.diag_indices_from(volume)] += 1
    return float(np.linalg.slogdet(volume).logabsdet) / 2
