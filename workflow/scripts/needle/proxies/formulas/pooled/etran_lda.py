"""ETran's classification score: how sure the class means are of their examples."""

from needle.proxies.discriminant import own_probability
from needle.proxies.features import centred
from needle.proxies.labels import count_classes


def score(embeddings):
    """Compute the labelled part of ETran (Gholami et al., ICCV 2023, arXiv:2308.02027).

    It is the mean of p(y | f) over the training examples, where with the means μ_c of the classes

        p(c | f) ∝ exp(f' μ_c - |μ_c|² / 2 + log n_c/N).

    That is what the authors' program (mgholamikn/ETran) computes. The paper has linear
    discriminant analysis, with the directions U that diagonalise S_w⁻¹ S_b; the program takes them
    from a routine for symmetric matrices, which gives U U' = I, so that the scatters drop out.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        A probability; changes with the scale of the features, not with a rotation or a shift.
    """
    index, _ = count_classes(embeddings.train_labels)
    return own_probability(centred(embeddings.train_features), index)
