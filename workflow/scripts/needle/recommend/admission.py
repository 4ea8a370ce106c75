"""Which models may be recommended: known from their cards, or once they are measured."""

from needle.base.errors import NeedleError
from needle.strategies.pools import unmet


def left_out(card, where, seen):
    """Say why a model may not take part.

    Parameters
    ----------
    card : dict
        A model card, or a row of models.csv. A condition on a column that it lacks is passed over:
        the column is measured later. A missing value in a row is None or NaN.
    where : dict of str to dict
        Conditions by column, as in `pools.select`.
    seen : list of str
        Names of the data sets that the user's images come from.

    Returns
    -------
    str
        The reasons, separated by semicolons; empty if the model may take part.

    Examples
    --------
    >>> card = {"license": "CC-BY-NC-4.0", "contaminated_tasks": ["pets"]}
    >>> left_out(card, {"license": {"any": ["MIT"]}, "params": {"max": 5}}, seen=["pets"])
    'licence CC-BY-NC-4.0 is not MIT; has seen the data of pets'
    >>> left_out(card, {}, seen=[])
    ''
    """
    reasons = unmet(card, {column: where[column] for column in where if column in card})
    contaminated = card.get("contaminated_tasks")
    if isinstance(contaminated, list):  # in a row it may be missing
        familiar = [task for task in contaminated if task in seen]
        reasons += [f"has seen the data of {', '.join(familiar)}"] if familiar else []
    return "; ".join(reasons)


def barred(cards, unavailable):
    """Give the models that are left out before anything is measured the reason on their cards.

    Parameters
    ----------
    cards : dict of str to dict
        Of all models that may be; some say ``left_out`` already.
    unavailable : dict of str to str
        Why the weights of a model could not be had; empty where they could.

    Returns
    -------
    dict of str to dict
        Cards with ``left_out``.

    Examples
    --------
    >>> barred({"a": {"left_out": "too large"}, "b": {}, "c": {}}, {"b": "no network", "c": ""})
    {'a': {'left_out': 'too large'}, 'b': {'left_out': 'no network'}}
    """
    reasons = {name: card["left_out"] for name, card in cards.items() if "left_out" in card}
    reasons |= {name: reason for name, reason in unavailable.items() if reason}
    return {name: cards[name] | {"left_out": reason} for name, reason in reasons.items()}


def by_reason(ranking):
    """Group the models that were left out by the reason: many may lack the same network.

    Parameters
    ----------
    ranking : DataFrame
        Columns of recommendation/ranking.csv.

    Returns
    -------
    list of tuple of list of str and str
        Models in their order, and why.

    Examples
    --------
    >>> import pandas as pd
    >>> by_reason(pd.DataFrame({"model": ["a", "b", "c"], "left_out": ["no room", "", "no room"]}))
    [(['a', 'c'], 'no room')]
    """
    left_out = ranking[ranking["left_out"] != ""]
    groups = left_out.groupby("left_out", sort=False)["model"]
    return [(models.tolist(), reason) for reason, models in groups]


def nobody_left(reasons):
    """Build the error for filters that leave out every model.

    Parameters
    ----------
    reasons : dict of str to str
        By model.

    Returns
    -------
    NeedleError
    """
    lines = [f"  - {model}: {reason}" for model, reason in reasons.items()]
    text = "config: where, seen: they leave out every model; loosen them"
    return NeedleError("\n".join([text, *lines]))


def most_picks(budget, admitted):
    """Say how many models may be picked.

    Parameters
    ----------
    budget : str
        A whole number, or ``all``.
    admitted : int
        Models that may take part.

    Examples
    --------
    >>> most_picks("3", 23), most_picks("all", 23)
    (3, 23)
    """
    return int(admitted if budget == "all" else budget)
