"""LogME: the logarithm of the maximum evidence of the labels given the features."""

import numpy as np

from needle.proxies.features import spectrum
from needle.proxies.labels import count_classes, one_hot

DECADES = 9  # the ratio α/β is sought from 10^-9 times the least s² to 10^9 times the greatest
PER_DECADE = 4
GOLDEN = (np.sqrt(5) - 1) / 2
SHRINKS = 30  # by the golden ratio, of two steps of the grid: to less than 1e-6 of log α/β
SMALLEST_RESIDUAL = 1e-12  # relative, of squares that float64 sums


def score(embeddings):
    """Compute LogME (You et al., ICML 2021, arXiv:2102.11005; JMLR 2022, arXiv:2110.10545).

    For each class, the one-hot label y of the N training examples is a linear function of the
    features F with weights N(0, 1/α) and noise N(0, 1/β). With F F' = U diag(σ) U', z = U'y,
    r = |y|² - |z|², and t = α/β, the best β is N / q(t), where q(t) = sum_k z_k² / (1 + σ_k/t) + r,
    so that the evidence is a function of t alone:

        L(t) = N/2 log(N / q(t)) - N/2 log 2π - 1/2 sum_k log(1 + σ_k/t) - N/2.

    Its maximum over t, which the paper's fixed-point iteration seeks too, is found by a grid and
    the golden section. The score is the mean over the classes of max L / N.

    Where the features hold the labels of a class exactly (r = 0) although their rank R is less than
    N, that evidence has no bound: across the N - R other directions there is nothing to explain, by
    which the noise would seem to be none. As soon as there are more features than examples, one
    image that occurs twice does this. For such a class the evidence is that of its labels given
    these directions, the density on the span of the features: R takes the place of N.

    Parameters
    ----------
    embeddings : Embeddings

    Returns
    -------
    float
        In nats for each example; changes neither with the scale of the features nor with a
        rotation of them.
    """
    index, counts = count_classes(embeddings.train_labels)
    left, squares = spectrum(embeddings.train_features.astype(np.float64))
    projected = (left.T @ one_hot(index)) ** 2  # z², (K, C)
    residual = counts - projected.sum(axis=0)
    held = (residual < SMALLEST_RESIDUAL * counts) | (len(squares) == len(index))
    residual[held] = 0
    explained = np.where(held, len(squares), len(index))
    return float((_maximise(projected, residual, squares, explained) / explained).mean())


def _maximise(projected, residual, squares, examples):
    """Maximise the evidence of each class over t: (C,); `examples` (C,) are N or the rank."""

    def evidence(log_ratios):
        """Compute L(t) of each class at a t of its own, given log t (C,)."""
        growth = 1 + squares[:, None] / np.exp(log_ratios)
        return _evidence((projected / growth).sum(axis=0) + residual, growth, examples)

    if not len(squares):
        return evidence(np.zeros(len(residual)))
    margin = DECADES * np.log(10)
    low, high = np.log(squares[-1]) - margin, np.log(squares[0]) + margin
    grid = np.linspace(low, high, int((high - low) / np.log(10) * PER_DECADE))
    growth = 1 + squares[:, None] / np.exp(grid)
    on_grid = _evidence(projected.T @ (1 / growth) + residual[:, None], growth, examples[:, None])
    best, step = grid[on_grid.argmax(axis=1)], grid[1] - grid[0]
    left, right = best - step, best + step
    for _ in range(SHRINKS):
        inner, outer = right - GOLDEN * (right - left), left + GOLDEN * (right - left)
        is_left = evidence(inner) >= evidence(outer)
        left, right = np.where(is_left, left, inner), np.where(is_left, outer, right)
    return evidence((left + right) / 2)


def _evidence(noise, growth, examples):
    """Compute L from q (..., T) and 1 + σ/t (K, T)."""
    fit = np.log(examples / (2 * np.pi * noise)) - 1
    return (examples * fit - np.log(growth).sum(axis=0)) / 2
