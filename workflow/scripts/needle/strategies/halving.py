"""Successive halving: fine-tune all a little, the better half a little more, and so on.

Karnin, Koren and Somekh, "Almost Optimal Exploration in Multi-Armed Bandits", ICML 2013 (sequential
halving); for iterations of training Jamieson and Talwalkar, "Non-stochastic Best Arm
Identification and Hyperparameter Optimization", AISTATS 2016. Where the steps double from round to
round, each round costs about the same. A model goes on from where it was: no step is done twice.
"""

import numpy as np

from needle.finetuning.partial import partial_scores
from needle.strategies.ranking import Ranking, by_values
from needle.strategies.strategy import Strategy

NAME = "halving"


def rank(pool, task, known):
    """Rank by the last round that a model took part in, and within it by what it had reached.

    The B models of a budget are then fine-tuned whole, so that the budget changes no round.
    Parameters and returns are those of `task_agnostic.rank`; the scores are accuracies on val after
    part of the steps.
    """
    if reason := skip(known):
        return Ranking([], [], reason)
    rounds = [known.scores[name].loc[task] for name in partial_scores(known.scores)]
    accuracies = np.array([reached.reindex(pool.index).to_numpy(float) for reached in rounds]).T
    last = last_rounds(accuracies)
    reached = accuracies[np.arange(len(accuracies)), last]
    last = np.where(np.isnan(reached), np.nan, last)
    return by_values(pool, last, reached, missing="no accuracy in its last round")


def last_rounds(accuracies):
    """Find the last round of partial fine-tuning that each model takes part in.

    Parameters
    ----------
    accuracies : numpy.ndarray, shape (n, r)
        Of n models after each of r rounds; NaN for one that diverged, which goes no further. Those
        of models that are out by then are not looked at.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        From 0 on. The better half, one more if their number is odd, goes on; of equal ones the
        first.

    Examples
    --------
    >>> last_rounds(np.array([[0.5, 0.7], [0.4, 0.9], [0.6, 0.6], [0.1, 0.1]])).tolist()
    [1, 0, 1, 0]
    """
    last = np.zeros(len(accuracies), int)
    left = np.arange(len(accuracies))
    for number, reached in enumerate(accuracies.T[:-1], start=1):
        best_first = left[np.argsort(-reached[left], kind="stable")]  # NaN last
        finite = np.count_nonzero(~np.isnan(reached[left]))
        left = np.sort(best_first[: min((len(left) + 1) // 2, finite)])
        last[left] = number
    return last


def skip(known):
    """Say that fine-tuning was not measured on the way."""
    if partial_scores(known.scores):
        return ""
    return "no partial fine-tuning: give `finetune.partial`, or scores such as partial-25"


def offered(proxies):
    """List the strategies of this file."""
    return {NAME: Strategy(rank, skip, halves=True)}
