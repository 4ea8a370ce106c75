"""The strategy that what is known allows, for a config that leaves it to Needle."""

from needle.scores.known import preferred_proxy
from needle.strategies.labels import HYBRID
from needle.strategies.learning import portfolio, prior

AUTO = "auto"
MODELS = 2  # of which results must be known: from those of one there is nothing to compare
FEW_PICKS = 2  # up to which a ranking is as good as a set


def choose_strategy(asked, proxies, known_tasks, budget, known_upstream):
    """Choose what picks the models to fine-tune.

    Parameters
    ----------
    asked : str
        A strategy, which is taken, or `AUTO`.
    proxies : list of str
        Of the run.
    known_tasks : dict of str to int
        By model of the pool, on how many other tasks results are known.
    budget : int
    known_upstream : bool
        Whether task-agnostic search has a pick.

    Returns
    -------
    strategy : str
        Of `AUTO`: with results on two other tasks of `MODELS` models, ``prior`` for up to
        `FEW_PICKS` picks and ``portfolio`` for more; else the hybrid of the preferred proxy, or
        without a task-agnostic pick the proxy itself.
    reason : str
        Why, in a sentence; "" of one that was asked for.

    Examples
    --------
    >>> choose_strategy("auto", ["knn", "linear"], {"a": 2, "b": 3, "c": 0}, 2, True)[0]
    'prior'
    >>> choose_strategy("auto", ["knn", "linear"], {"a": 2, "b": 1}, 2, True)[0]
    'hybrid-linear'
    """
    if asked != AUTO:
        return asked, ""
    enough = sum(count >= prior.OTHER_TASKS for count in known_tasks.values())
    known = f"results on {prior.OTHER_TASKS} other tasks or more are known of {enough} models"
    if enough < MODELS:
        reason, proxy = f"{known}, of which {MODELS} are needed", preferred_proxy(proxies)
        if known_upstream:
            return f"{HYBRID}{proxy}", reason
        return proxy, f"{reason}; nor is it known how good the models are upstream"
    if budget <= FEW_PICKS:
        return prior.NAME, f"{known}, and B is {FEW_PICKS} or less"
    return portfolio.NAME, f"{known}, and B is above {FEW_PICKS}"


def head_proxy(strategy, proxies, searches):
    """Name the proxy whose best model is a candidate as it is, with a tuned head.

    Parameters
    ----------
    strategy : str
        As the config has it.
    proxies : list of str
        Of the run.
    searches : dict of str to Strategy

    Returns
    -------
    str
        The strategy's, or the run's first where it has none or several; the preferred one where the
        strategy is yet to be chosen.
    """
    if strategy == AUTO:
        return preferred_proxy(proxies)
    return searches[strategy].proxy or proxies[0]
