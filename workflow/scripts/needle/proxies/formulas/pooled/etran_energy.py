"""ETran's energy score: how familiar the images are to the model, labels aside."""

import numpy as np


def score(embeddings):
    """Compute ETran's energy score (Gholami et al., ICCV 2023, arXiv:2308.02027).

    The energy of an example with features f is E = -log sum_d exp(f_d); the score is the mean of -E
    over the training examples. Of ETran's three scores it is the one that needs no labels.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        In the units of the features; a constant c added to all features adds c.
    """
    features = embeddings.train_features.astype(np.float64)
    largest = features.max(axis=1)
    sums = np.exp(features - largest[:, None]).sum(axis=1)
    return float((largest + np.log(sums)).mean())
