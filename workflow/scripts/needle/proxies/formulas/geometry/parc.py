"""PARC: whether examples whose features differ have labels that differ."""

import numpy as np
from scipy.stats import rankdata

from needle.proxies.features import coordinates
from needle.proxies.labels import count_classes
from needle.proxies.registry import NoScoreError

DECIMALS = 12  # of a cosine


def score(embeddings, dimensions=32):
    """Compute the pairwise annotation representation comparison (Bolya et al., NeurIPS 2021).

    As in arXiv:2111.06977, with its reduction to 32 dimensions: the training features are
    projected to their first principal components, each scaled to variance 1 (as in the authors'
    program, dbolya/parc); two examples are 1 - the cosine of their features apart, and 1 -
    Pearson's correlation of their one-hot labels. The score is Spearman's correlation of both
    distances over all pairs.

    The paper has Pearson's correlation of the features too, which subtracts an example's mean over
    the components. That mean depends on the signs of the components, which are arbitrary; the
    cosine, about the mean of all examples, does not.

    Parameters
    ----------
    embeddings : Embeddings
    dimensions : int
        Most components; the default is the paper's.

    Returns
    -------
    float
        From -1 to 1; changes neither with the scale of the features, nor with a rotation or a
        shift of them.

    Raises
    ------
    NoScoreError
        If the features are constant, an example lies at the mean of all, or no two examples share
        a class.
    """
    index, counts = count_classes(embeddings.train_labels)
    if counts.max() == 1:
        raise NoScoreError("no two training examples are of one class: all labels are as far apart")
    (features,) = coordinates(embeddings.train_features)
    features = features[:, :dimensions]
    if not features.size:
        raise NoScoreError("the features are constant")
    features = features / features.std(axis=0)
    lengths = np.linalg.norm(features, axis=1)
    if (lengths <= np.finfo(np.float64).eps * np.abs(features).max()).any():
        raise NoScoreError("an example lies at the mean of all in every component: no direction")
    features = features / lengths[:, None]
    pairs = np.triu_indices(len(index), 1)
    # Equal distances stay equal, whatever the rounding of the product.
    ranks = rankdata(np.round(1 - (features @ features.T)[pairs], DECIMALS))
    if np.ptp(ranks) == 0:
        raise NoScoreError("all training examples are as far apart from each other")
    # Among one-hot labels there are two distances, whose ranks are a linear map of 0 and 1.
    differ = (index[:, None] != index)[pairs]
    return float(np.corrcoef(ranks, differ)[0, 1])
