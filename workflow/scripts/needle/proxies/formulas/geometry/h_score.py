"""H-score: how much of the features' variance, whitened, is between the classes."""

from needle.proxies.features import centred, spectrum
from needle.proxies.labels import count_classes, one_hot


def score(embeddings):
    """Compute the H-score (Bao et al., ICIP 2019).

    As in An information-theoretic approach to transferability in task transfer learning, it is
    tr(cov(f)⁻¹ cov(E[f | y])) over the training examples. With X = U diag(s) V' centred, that is
    the sum over the classes of |sum of the rows of U of the class|² / n_c. Where the covariance is
    singular, as always with more features than examples, the inverse is Moore and Penrose's; if
    the examples are linearly independent, it is C - 1 whatever the features.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        From 0 to the lesser of C - 1 and the rank; changes with no invertible linear map of the
        features. 0 if they are constant.
    """
    index, counts = count_classes(embeddings.train_labels)
    left, _ = spectrum(centred(embeddings.train_features))
    sums = one_hot(index).T @ left
    return float((sums**2 / counts[:, None]).sum())
