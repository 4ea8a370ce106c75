"""A mixture of Gaussians with diagonal covariances, by expectation and maximisation."""

import numpy as np

MOST_STEPS = 100
TOLERANCE = 1e-3  # of the mean log-likelihood, in nats
SMALLEST_VARIANCE = 1e-6  # share of the mean variance of the features


def fit_mixture(features, components, seed):
    """Fit a mixture and compute the probability of each component for each example.

    Parameters
    ----------
    features : numpy.ndarray of float64, shape (N, K)
    components : int
        Number of Gaussians V, at most N.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (N, V)
        Each row sums to 1.
    """
    floor = SMALLEST_VARIANCE * features.var(axis=0).mean()
    shares = np.eye(components)[k_means(features, components, seed)]
    before = -np.inf
    for _ in range(MOST_STEPS):
        shares, likelihood = expect(features, *maximise(features, shares, floor))
        if likelihood - before < TOLERANCE:
            break
        before = likelihood
    return shares


def maximise(features, shares, floor):
    """Estimate log weights (V,), means (V, K) and variances (V, K) from shares (N, V)."""
    # A component that no example is in keeps a weight that is not quite 0.
    sizes = shares.sum(axis=0) + 10 * np.finfo(np.float64).eps
    means = shares.T @ features / sizes[:, None]
    variances = np.maximum(shares.T @ features**2 / sizes[:, None] - means**2, 0) + floor
    return np.log(sizes / sizes.sum()), means, variances


def expect(features, log_weights, means, variances):
    """Compute the shares (N, V) of the components, and the mean log-likelihood."""
    precisions = 1 / variances
    exponents = features**2 @ precisions.T - 2 * features @ (means * precisions).T
    constants = (means**2 * precisions + np.log(2 * np.pi * variances)).sum(axis=1)
    logs = log_weights - (exponents + constants) / 2
    largest = logs.max(axis=1, keepdims=True)
    shares = np.exp(logs - largest)
    totals = shares.sum(axis=1, keepdims=True)
    return shares / totals, float((np.log(totals) + largest).mean())


def k_means(features, clusters, seed):
    """Assign examples (N, K) to clusters: k-means from centres drawn as by k-means++.

    Arthur and Vassilvitskii, k-means++, 2007: each centre is an example, drawn with a probability
    proportional to its squared distance from the nearest centre so far.

    Returns
    -------
    numpy.ndarray of int, shape (N,)
    """
    generator = np.random.default_rng(seed)
    lengths = (features**2).sum(axis=1)

    def distances(centres):
        squares = lengths[:, None] - 2 * features @ centres.T + (centres**2).sum(axis=1)
        return np.maximum(squares, 0)

    chosen = [int(generator.integers(len(features)))]
    nearest = distances(features[chosen])[:, 0]
    for _ in range(clusters - 1):
        nearest[chosen] = 0  # whatever the rounding
        total = nearest.sum()
        weights = nearest / total if total else None  # all examples are at a centre
        chosen.append(int(generator.choice(len(features), p=weights)))
        nearest = np.minimum(nearest, distances(features[chosen[-1:]])[:, 0])
    centres, found = features[chosen], None
    for _ in range(MOST_STEPS):
        before, found = found, distances(centres).argmin(axis=1)
        if np.array_equal(before, found):
            break
        sums = np.eye(clusters)[found].T @ features
        sizes = np.bincount(found, minlength=clusters)[:, None]
        centres = np.where(sizes > 0, sums / np.maximum(sizes, 1), centres)
    return found
