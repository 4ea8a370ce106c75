"""What B picks of a ranking reach, and the regret that is expected where a ranking has ties.

Accuracies are fractions. All functions work elementwise on arrays; NaN stands for "no value".
"""

from functools import lru_cache

import numpy as np

from needle.base.deltas import relative_regret

BLOCK = 128  # budgets whose draws are one matrix: all of a small pool's
# The i-th best of n is the best of B with a probability below exp(-i B / n): what lies beyond this
# exponent is less than float64 rounds away.
EXPONENT = 40
FEW = 64  # ranked models up to which every budget has its own sum; beyond, every tie one product


def best_by_budget(accuracies, ranking):
    """Compute the best accuracy among the B picks of a ranking, for every B.

    Parameters
    ----------
    accuracies : array_like, shape (..., n)
        Fine-tune accuracies of the pool; NaN for a model that has none, which helps nobody.
    ranking : sequence of int, length at most n
        Positions of the ranked models, best first.

    Returns
    -------
    numpy.ndarray, shape (..., n)
        Entry B - 1 is for budget B. Where the ranking is shorter than B, the other picks are drawn
        at random from the models with an accuracy that it lacks, and the entry is an expectation.
        An empty ranking is random search.

    Examples
    --------
    >>> best_by_budget([0.25, 0.5, 0.75, np.nan], [1]).tolist()
    [0.5, 0.625, 0.75, 0.75]
    """
    accuracies, ranking = np.asarray(accuracies, float), np.asarray(ranking, int)
    chosen = np.fmax.accumulate(accuracies[..., ranking], axis=-1)
    best = np.full(accuracies.shape, np.nan)
    best[..., : len(ranking)] = chosen
    rest = left_over(accuracies, ranking)
    if len(rest):
        surely = chosen[..., -1:] if len(ranking) else np.nan
        drawn = expected_best_of_random(np.fmax(accuracies[..., rest], surely))
        best[..., len(ranking) : len(ranking) + len(rest)] = drawn
    if picked := len(ranking) + len(rest):
        best[..., picked:] = best[..., picked - 1 : picked]
    return best


def left_over(accuracies, ranking):
    """List the candidates, which are the models with an accuracy, that a ranking lacks.

    Parameters
    ----------
    accuracies : numpy.ndarray, shape (..., n)
    ranking : numpy.ndarray of int
        Positions.

    Returns
    -------
    numpy.ndarray of int
        Their positions, in order.
    """
    candidates = ~np.isnan(accuracies).reshape(-1, accuracies.shape[-1]).any(axis=0)
    candidates[ranking] = False
    return np.flatnonzero(candidates)


def expected_best_of_random(accuracies):
    """Compute the expected best accuracy of B models drawn at random, for every B.

    Parameters
    ----------
    accuracies : array_like, shape (..., n)
        Without NaN.

    Returns
    -------
    numpy.ndarray, shape (..., n)
        Entry B - 1 is for budget B.

    Examples
    --------
    >>> expected_best_of_random([0.25, 0.75]).tolist()
    [0.5, 0.75]
    """
    best_first = -np.sort(-np.asarray(accuracies, float), axis=-1)
    best = best_first[..., :1]
    # What is averaged is the distance from the best: 0 to the last digit where the best is drawn
    # for sure. Near an accuracy of 1, relative regret is a quotient of such digits.
    behind = best - best_first
    expected = [
        behind[..., : block.shape[1]] @ np.ascontiguousarray(block.T)
        for block in draws(best_first.shape[-1])[0]
    ]
    return best - np.concatenate(expected, axis=-1)


def draws(n):
    """Compute how likely each of n models is the best of B drawn at random, for every B.

    Parameters
    ----------
    n : int

    Returns
    -------
    blocks : list of numpy.ndarray, shape (budgets, m), m <= n
        `BLOCK` budgets each. In the row of budget B, entry i - 1 is for the i-th best:
        C(n - i, B - 1) / C(n, B), so 0 from i = n - B + 2 on. Models beyond the m-th are the best
        so rarely that no sum would show it.
    rows : list of numpy.ndarray
        Entry B - 1 is the row of budget B up to those zeros.

    Examples
    --------
    >>> [row.round(3).tolist() for row in draws(3)[1]]
    [[0.333, 0.333, 0.333], [0.667, 0.333], [1.0]]
    """
    return (_draws_of_few if n <= BLOCK else _draws_of_many)(n)


def _draws(n):
    blocks = []
    for first in range(1, n + 1, BLOCK):
        drawn = np.arange(first, min(first + BLOCK, n + 1))[:, None]
        place = np.arange(1, min(n - first + 1, EXPONENT * n // first + 1))
        # Each from the one before, which no pool is too large for.
        ratio = (n - place - drawn + 1).clip(0) / (n - place)
        block = np.ones((len(drawn), len(place) + 1))
        np.cumprod(ratio, axis=1, out=block[:, 1:])
        blocks.append(drawn / n * block)
    rows = [row for block in blocks for row in block]
    return blocks, [row[: n - zeros] for zeros, row in enumerate(rows)]


_draws_of_few = lru_cache(maxsize=BLOCK)(_draws)
# They take megabytes, and random search asks for those of one pool again and again.
_draws_of_many = lru_cache(maxsize=4)(_draws)


def tie_outcomes(accuracies, tied_ranks, budget):
    """List what the picks of a ranking achieve over all orders of its ties.

    Parameters
    ----------
    accuracies : array_like, shape (n,)
        Fine-tune accuracies in the order of the ranking; NaN where there is none.
    tied_ranks : sequence of int, length n
        1 + the number of models strictly before each.
    budget : int
        Where the ranking is shorter, all its models count.

    Returns
    -------
    tuple of numpy.ndarray
        Best accuracies among the picks, and their probabilities if each order is equally likely.

    Examples
    --------
    >>> values, probabilities = tie_outcomes([0.9, 0.5, 0.7], [1, 2, 2], 2)
    >>> values.tolist(), tie_outcomes([0.5, 0.7], [1, 1], 1)[1].tolist()
    ([0.9, 0.9], [0.5, 0.5])
    """
    accuracies, tied_ranks = np.asarray(accuracies, float), np.asarray(tied_ranks)
    if not len(accuracies):
        return np.array([np.nan]), np.array([1.0])
    budget = min(budget, len(accuracies))
    tied = tied_ranks == tied_ranks[budget - 1]
    before = accuracies[tied_ranks < tied_ranks[budget - 1]]
    sure = np.fmax.reduce(before, initial=np.nan)
    values = np.fmax(-np.sort(-accuracies[tied]), sure)
    probabilities = draws(int(tied.sum()))[1][budget - len(before) - 1]
    return values[: len(probabilities)], probabilities


def expected_regrets(oracle, accuracies, tied_ranks):
    """Compute the relative regret of a ranking in expectation over all orders of its ties.

    Parameters
    ----------
    oracle : float
    accuracies, tied_ranks
        As in `tie_outcomes`.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Entry B - 1 is for budget B; NaN where an order has no accuracy among its picks.

    Examples
    --------
    >>> expected_regrets(0.9, [0.8, 0.9], [1, 1]).tolist()
    [0.25, 0.0]
    """
    accuracies, tied_ranks = np.asarray(accuracies, float), np.asarray(tied_ranks, int)
    sizes = np.bincount(tied_ranks)
    # In each tie the best first, but never worse than what comes surely before the tie.
    ordered = accuracies[np.lexsort((-accuracies, tied_ranks))]
    best = np.append(np.nan, np.fmax.accumulate(ordered))
    values = relative_regret(oracle, np.fmax(ordered, best[tied_ranks - 1]))
    expected = relative_regret(oracle, best[1:])
    # An order matters only where a budget cuts through a tie.
    for first in (np.flatnonzero(sizes > 1) - 1).tolist():
        tie = values[first : first + sizes[first + 1]]
        expected[first : first + len(tie) - 1] = _over_cuts(tie, len(accuracies) <= FEW)
    return expected


def _over_cuts(values, one_by_one):
    """Average what 1, 2, ..., n - 1 models drawn from a tie may leave, the best first."""
    blocks, rows = draws(len(values))
    if one_by_one:
        return [values[: len(row)] @ row for row in rows[:-1]]
    missing = np.isnan(values)
    known = np.where(missing, 0, values)
    expected = np.concatenate([block @ known[: block.shape[1]] for block in blocks])[:-1]
    # As many draws as there are missing values may hold nothing else.
    expected[: missing.sum()] = np.nan
    return expected
