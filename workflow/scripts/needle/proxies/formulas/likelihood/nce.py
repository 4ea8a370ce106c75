"""NCE: the negative conditional entropy of target labels given source labels."""

import numpy as np

from needle.proxies.formulas.likelihood.leep import source_probabilities
from needle.proxies.labels import count_classes


def score(embeddings):
    """Compute the negative conditional entropy (Tran et al., ICCV 2019, arXiv:1908.08142).

    The source label z of an example is the most probable source class; the score is
    -H(Y | Z) = 1/N sum_i log P(y_i | z_i), P from the counts of the training examples.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        In nats, at most 0.

    Raises
    ------
    NoScoreError
        If the model has no source head.
    """
    index, counts = count_classes(embeddings.train_labels)
    _, source = np.unique(source_probabilities(embeddings).argmax(axis=1), return_inverse=True)
    together = np.zeros((len(counts), source.max() + 1))
    np.add.at(together, (index, source), 1)
    conditional = together / together.sum(axis=0)
    return float(np.log(conditional[index, source]).mean())
