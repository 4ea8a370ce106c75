"""What a strategy is."""

from collections.abc import Callable
from dataclasses import dataclass


def never(known):
    """Skip in no run."""
    return ""


@dataclass(frozen=True)
class Strategy:
    """A search strategy and what it needs to know, which is what it costs.

    Attributes
    ----------
    rank : callable
        ``rank(pool, task, known) -> Ranking``: `pool` holds metadata of the pool's models, index
        model, in declared order; `known` is a `Known`, in which the fine-tune results of the task
        itself are hidden from all but oracles.
    skip : callable
        ``skip(known) -> str``: why a run lacks what the strategy needs; empty if it does not.
    proxies : tuple of str
        The proxies that it computes for the models of the pool.
    proxy_from : int
        The first budget at which it needs them.
    halves : bool
        Whether it fine-tunes the models of the pool in part to choose among them.
    hybrid_of : str
        Of a hybrid, the name of the strategy that ranks after its first pick.
    is_oracle : bool
        Whether it looks at the task's own fine-tune accuracies, which no practitioner has.
    learns : bool
        Whether it learns from fine-tune results on other tasks.
    same_for_all : bool
        Whether it ranks a pool alike for every task, so that one ranking is enough.
    """

    rank: Callable
    skip: Callable = never
    proxies: tuple = ()
    proxy_from: int = 1
    halves: bool = False
    hybrid_of: str = ""
    is_oracle: bool = False
    learns: bool = False
    same_for_all: bool = False

    @property
    def proxy(self):
        """The proxy by which it ranks; None if there is none, or several."""
        return self.proxies[0] if len(self.proxies) == 1 else None
