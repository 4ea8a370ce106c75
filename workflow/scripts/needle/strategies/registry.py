"""The strategies of a run, by the names that its tables use."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from needle.strategies import hybrid, oracle_average, task_agnostic, task_aware

# In expectation over all picks; it ranks nothing, so it is computed in `needle.regret`.
RANDOM = "random"


@dataclass(frozen=True)
class Strategy:
    """A search strategy and what it needs to know, which is what it costs.

    Attributes
    ----------
    rank : callable
        ``rank(pool, task, points) -> Ranking``.
    proxy : str or None
        The proxy that it computes for the models of the pool.
    proxy_from : int
        The first budget at which it needs the proxy.
    is_oracle : bool
        Whether it looks at fine-tune accuracies, which no practitioner has.
    same_for_all : bool
        Whether it ranks a pool alike for every task, so that one ranking is enough.
    """

    rank: Callable
    proxy: str | None = None
    proxy_from: int = 1
    is_oracle: bool = False
    same_for_all: bool = False


def strategies(proxies):
    """List the strategies that a run with these proxies has.

    Parameters
    ----------
    proxies : iterable of str

    Returns
    -------
    dict of str to Strategy

    Examples
    --------
    >>> list(strategies(["linear"]))
    ['task-agnostic', 'linear', 'hybrid-linear', 'oracle-average']
    """
    aware = {proxy: Strategy(partial(task_aware.rank, proxy=proxy), proxy) for proxy in proxies}
    return {
        "task-agnostic": Strategy(task_agnostic.rank, same_for_all=True),
        **aware,
        **{
            f"hybrid-{proxy}": Strategy(partial(hybrid.rank, proxy=proxy), proxy, proxy_from=2)
            for proxy in aware
        },
        "oracle-average": Strategy(oracle_average.rank, is_oracle=True, same_for_all=True),
    }


def practical(proxies):
    """List the strategies of a run that can be followed before any model is fine-tuned.

    Parameters
    ----------
    proxies : iterable of str

    Returns
    -------
    dict of str to Strategy
        `strategies` without the oracles.

    Examples
    --------
    >>> list(practical(["linear"]))
    ['task-agnostic', 'linear', 'hybrid-linear']
    """
    return {name: each for name, each in strategies(proxies).items() if not each.is_oracle}
