"""ETran's energy: how familiar the least familiar images are to the model, labels aside."""

import numpy as np

ONE_OF = 200  # examples: 0.5 %, the share of the authors


def score(embeddings):
    """Compute the energy part of ETran (Gholami et al., ICCV 2023, arXiv:2308.02027).

    The energy of an example with features f is E = -log sum_d exp(f_d); the score is the mean of -E
    over the 0.5 % of the training examples (one at least) where it is lowest, as in the authors'
    program (mgholamikn/ETran); the paper's is over all. It needs no labels, and grows with the
    features: it is meant to be added to `etran_lda`.

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
    lowest = max(len(features) // ONE_OF, 1)
    return float(np.sort(largest + np.log(sums))[:lowest].mean())
