"""Mean silhouette coefficient: how near an example is to its class, beside the nearest other."""

import numpy as np

from needle.proxies.features import centred, distances
from needle.proxies.labels import count_classes, one_hot


def score(embeddings):
    """Compute the mean silhouette coefficient (Rousseeuw 1987; Meiseles and Rokach, Access 2020).

    a is the mean Euclidean distance of a training example to the others of its class, b the least
    mean distance to the examples of another class; the score is the mean of (b - a) / max(a, b).
    An example that is alone in its class counts as 0, as with Rousseeuw, and so does one for which
    a and b are 0.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        From -1 to 1; changes neither with the scale of the features, nor with a rotation or a
        shift of them.
    """
    index, counts = count_classes(embeddings.train_labels)
    totals = distances(centred(embeddings.train_features)) @ one_hot(index)  # (N, C)
    rows = np.arange(len(index))
    inside = totals[rows, index] / np.maximum(counts[index] - 1, 1)
    outside = totals / counts
    outside[rows, index] = np.inf
    outside = outside.min(axis=1)
    larger = np.maximum(inside, outside)
    defined = (counts[index] > 1) & (larger > 0)
    return float(((outside - inside) / np.where(larger > 0, larger, 1))[defined].sum() / len(index))
