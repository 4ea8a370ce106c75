"""NCTI's first part: how many directions the classes' differences take."""

from needle.proxies.collapse import fisher_space, nuclear_norm


def score(embeddings):
    """Compute the SELI score of NCTI (Wang et al., ICCV 2023).

    As in How Far Pre-trained Models Are from Neural Collapse on the Target Dataset Informs their
    Transferability: the nuclear norm of the training features, which is to be as large as that of
    the simplex-encoded label interpolation of a trained network. In the authors' program the
    features are those in the Fisher space of `needle.proxies.collapse`.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        Not negative; changes with the scale of the features, not with a rotation or a shift.

    Raises
    ------
    NoScoreError
        If the examples of each class have the same features.
    """
    projected, _, _ = fisher_space(embeddings)
    return nuclear_norm(projected)
