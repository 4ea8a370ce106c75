"""The strategies of a run, by the names that its tables use."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from needle.partial import is_partial
from needle.strategies import halving, hybrid, oracle_average, task_agnostic, task_aware

# In expectation over all picks; it ranks nothing, so it is computed in `needle.regret`.
RANDOM = "random"
HALVING = "halving"


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
    halves : bool
        Whether it fine-tunes the models of the pool in part to choose among them.
    is_oracle : bool
        Whether it looks at fine-tune accuracies, which no practitioner has.
    same_for_all : bool
        Whether it ranks a pool alike for every task, so that one ranking is enough.
    """

    rank: Callable
    proxy: str | None = None
    proxy_from: int = 1
    halves: bool = False
    is_oracle: bool = False
    same_for_all: bool = False


def strategies(scores):
    """List the strategies that a run with these scores has.

    Parameters
    ----------
    scores : iterable of str
        All but ``finetune``. Each is a proxy, but those of partial fine-tuning, which are one
        strategy together.

    Returns
    -------
    dict of str to Strategy

    Examples
    --------
    >>> list(strategies(["linear"]))
    ['task-agnostic', 'linear', 'hybrid-linear', 'oracle-average']
    >>> list(strategies(["partial-12", "partial-25"]))
    ['task-agnostic', 'halving', 'oracle-average']
    """
    scores = list(scores)
    proxies = [score for score in scores if not is_partial(score)]
    aware = {proxy: Strategy(partial(task_aware.rank, proxy=proxy), proxy) for proxy in proxies}
    halved = {HALVING: Strategy(halving.rank, halves=True)} if len(proxies) < len(scores) else {}
    return {
        "task-agnostic": Strategy(task_agnostic.rank, same_for_all=True),
        **aware,
        **{
            f"hybrid-{proxy}": Strategy(partial(hybrid.rank, proxy=proxy), proxy, proxy_from=2)
            for proxy in aware
        },
        **halved,
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
        `strategies` without the oracles and successive halving.

    Examples
    --------
    >>> list(practical(["linear"]))
    ['task-agnostic', 'linear', 'hybrid-linear']
    """
    known = strategies(proxies)
    return {name: each for name, each in known.items() if not (each.is_oracle or each.halves)}
