"""The strategies of a run, by the names that its tables use."""

from needle.scores.known import is_proxy
from needle.strategies import (
    halving,
    hybrid,
    oracle_average,
    pooled_sums,
    size,
    task_agnostic,
    task_aware,
)
from needle.strategies.learning import known_average, nearest_tasks, portfolio, prior, task2vec

# In expectation over all picks; it ranks nothing, so it is computed in `needle.regret.formulas`.
RANDOM = "random"

# The files whose strategies have hybrids, and those whose do not.
TASK_AWARE = [task_aware, pooled_sums, nearest_tasks, task2vec, prior]
OTHERS = [halving, size, known_average, portfolio, oracle_average]


def strategies(scores):
    """List the strategies that a run with these scores has.

    Parameters
    ----------
    scores : iterable of str
        All that are neither of fine-tuning nor of a part of it are proxies.

    Returns
    -------
    dict of str to Strategy

    Examples
    --------
    >>> [name for name in strategies(["linear"]) if "linear" in name]
    ['linear', 'hybrid-linear']
    """
    proxies = [score for score in scores if is_proxy(score)]
    found = task_agnostic.offered(proxies)
    for file in TASK_AWARE:
        offered = file.offered(proxies)
        found |= offered | hybrid.of(offered)
    for file in OTHERS:
        found |= file.offered(proxies)
    return found


def practical(scores):
    """List the strategies of a run that can be followed before any model is fine-tuned.

    Parameters
    ----------
    scores : iterable of str

    Returns
    -------
    dict of str to Strategy
        `strategies` without the oracles and successive halving.

    Examples
    --------
    >>> "linear" in practical(["linear"]), "oracle-average" in practical(["linear"])
    (True, False)
    """
    known = strategies(scores)
    return {name: each for name, each in known.items() if not (each.is_oracle or each.halves)}
