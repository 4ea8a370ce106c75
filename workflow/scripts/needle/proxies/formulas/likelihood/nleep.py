"""N-LEEP: LEEP with the clusters of the features instead of the source classes."""

import numpy as np
from sklearn.mixture import GaussianMixture

from needle.proxies.features import coordinates
from needle.proxies.formulas.likelihood.leep import expected_log_prediction
from needle.proxies.labels import count_classes
from needle.proxies.registry import NoScoreError

SMALLEST_VARIANCE = 1e-6  # of a Gaussian, as a share of the mean variance of the features


def score(embeddings, seed, energy=0.8, components_per_class=5):
    """Compute N-LEEP (Li et al., CVPR 2021, arXiv:2011.11200).

    The training features are projected to their first principal components, and a mixture of
    Gaussians is fitted to them; the probabilities of its components take the place of those of the
    source classes in LEEP. Unlike the paper's, covariances are diagonal: few components have as
    many examples as there are dimensions.

    Parameters
    ----------
    embeddings : Embeddings
    seed : int
        Draws the first centres of the components.
    energy : float
        Share of the variance that the principal components keep at least; the default is the
        paper's.
    components_per_class : int
        The default is the paper's.

    Returns
    -------
    float
        Natural logarithm of a probability, at most 0, which it comes to where there are almost as
        many components as examples; changes with neither the scale of the features nor a shift.

    Raises
    ------
    NoScoreError
        If there are fewer examples than components, or the features are constant.
    """
    index, counts = count_classes(embeddings.train_labels)
    components = components_per_class * len(counts)
    if components > len(index):
        raise NoScoreError(
            f"{components} Gaussians, {components_per_class} for each of {len(counts)} classes, "
            f"are more than the {len(index)} training examples"
        )
    (features,) = coordinates(embeddings.train_features)
    if not features.size:
        raise NoScoreError("the features are constant")
    kept = np.cumsum((features**2).sum(axis=0)) / (features**2).sum()
    # Leave room for rounding: a share of exactly `energy` is enough.
    features = features[:, : 1 + int(np.searchsorted(kept, energy * (1 - 1e-12)))]
    return expected_log_prediction(fit_mixture(features, components, seed), index)


def fit_mixture(features, components, seed):
    """Compute the probability of each Gaussian of a mixture for each example: (N, V)."""
    mixture = GaussianMixture(
        components,
        covariance_type="diag",
        reg_covar=SMALLEST_VARIANCE * features.var(axis=0).mean(),
        random_state=seed % 2**32,  # all that scikit-learn takes
    )
    return mixture.fit(features).predict_proba(features)
