"""Pools: the models whose metadata meet every condition of a predicate."""

import math

from needle.errors import NeedleError


def select(models, where):
    """Select the models of a pool.

    Parameters
    ----------
    models : dict of str to dict
        Metadata by model name, in declared order (columns of models.csv; ``tags`` a list). A
        missing value is None or NaN.
    where : dict of str to dict
        Conditions by column: ``min``, ``max``, ``any`` (equal to or tagged with one of these),
        ``none`` (with none of these), ``known`` (whether there is a value). A missing value meets
        only ``none`` and ``known: false``.

    Returns
    -------
    list of str
        In declared order.

    Examples
    --------
    >>> models = {"a": {"params": 3, "tags": ["expert"]}, "b": {"params": 9, "tags": []}}
    >>> select(models, {"params": {"max": 5}, "tags": {"any": ["expert"]}})
    ['a']
    """
    return [
        name
        for name, row in models.items()
        if all(_meets(row.get(column), condition) for column, condition in where.items())
    ]


def check_pools(pools, cards):
    """Find a pool that is empty whatever will be measured, before any work is done.

    Parameters
    ----------
    pools : dict of str to dict
        The config's pools.
    cards : dict of str to dict
        Model cards; a column that a card lacks is measured later and may meet any condition.

    Raises
    ------
    NeedleError
    """
    for pool, declaration in pools.items():
        possible = [
            name
            for name, card in cards.items()
            if select({name: card}, {k: v for k, v in declaration["where"].items() if k in card})
        ]
        if not possible:
            raise empty_pool(pool, declaration["where"])


def empty_pool(pool, where):
    """Build the error for a pool that selects no model."""
    return NeedleError(
        f"config: pools.{pool}.where: selects no model ({where}); loosen it or remove the pool"
    )


def _meets(value, condition):
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    tests = {
        "known": lambda wanted: missing != wanted,
        "min": lambda bound: not missing and value >= bound,
        "max": lambda bound: not missing and value <= bound,
        "any": lambda wanted: not missing and bool(_values(value) & set(wanted)),
        "none": lambda unwanted: missing or not _values(value) & set(unwanted),
    }
    return all(tests[kind](argument) for kind, argument in condition.items())


def _values(value):
    return set(value) if isinstance(value, list) else {value}
