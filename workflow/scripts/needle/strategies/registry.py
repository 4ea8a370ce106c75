"""The strategies of a run, by the names that its tables use."""

from functools import partial

from needle.strategies import hybrid, oracle_average, task_agnostic, task_aware

# In expectation over all picks; it ranks nothing, so it is computed in `needle.regret`.
RANDOM = "random"


def strategies(proxies):
    """List the strategies that a run with these proxies has.

    Parameters
    ----------
    proxies : iterable of str

    Returns
    -------
    dict of str to callable
        ``rank(pool, task, points) -> Ranking`` by strategy name.

    Examples
    --------
    >>> list(strategies(["linear"]))
    ['task-agnostic', 'linear', 'hybrid-linear', 'oracle-average']
    """
    return {
        "task-agnostic": task_agnostic.rank,
        **{proxy: partial(task_aware.rank, proxy=proxy) for proxy in proxies},
        **{f"hybrid-{proxy}": partial(hybrid.rank, proxy=proxy) for proxy in proxies},
        "oracle-average": oracle_average.rank,
    }
