"""Pools: the models whose metadata meet every condition of a predicate."""

import math

from needle.base.errors import NeedleError

COUNTS = {
    "params": "parameters",
    "upstream_examples": "upstream examples",
    "milliseconds": "milliseconds a picture",
    "pictures_per_second": "pictures a second",
    "inference_mb": "MB",
}
NAMES = {
    "embedding_dim": "embedding dimension",
    "license": "licence",
    "reference_accuracy": "reference accuracy",
    "upstream_dataset": "upstream dataset",
}


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
    return [name for name, row in models.items() if not unmet(row, where)]


def unmet(row, where):
    """Say which conditions the metadata of a model does not meet.

    Parameters
    ----------
    row : dict
        Metadata of the model, as in `select`.
    where : dict of str to dict
        Conditions by column, as in `select`.

    Returns
    -------
    list of str
        In plain words, with the model's value; empty if all conditions are met.

    Examples
    --------
    >>> row = {"params": 86_000_000, "license": "CC-BY-NC"}
    >>> unmet(row, {"params": {"max": 30_000_000}, "license": {"any": ["BSD", "MIT"]}})
    ['86,000,000 parameters, more than 30,000,000', 'licence CC-BY-NC is not one of BSD, MIT']
    """
    return [
        complaint
        for column, condition in where.items()
        for complaint in _complaints(column, row.get(column), condition)
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


def _complaints(column, value, condition):
    name = COUNTS.get(column) or NAMES.get(column, column)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        fails = {"any", "min", "max"} & set(condition) or condition.get("known")
        return [f"no known {name}"] if fails else []
    said = f"{_text(value)} {name}" if column in COUNTS else f"{name} {_text(value)}"
    less = "fewer" if column in COUNTS else "less"
    complaints = {
        "known": lambda wanted: "" if wanted else f"{said} is known",
        "min": lambda bound: f"{said}, {less} than {_text(bound)}" if value < bound else "",
        "max": lambda bound: f"{said}, more than {_text(bound)}" if value > bound else "",
        "any": lambda wanted: _none_of(name, value, wanted),
        "none": lambda unwanted: _some_of(name, value, unwanted),
    }
    return list(filter(None, (complaints[kind](bound) for kind, bound in condition.items())))


def _none_of(name, value, wanted):
    if not isinstance(value, list):
        one_of = "one of " if len(wanted) > 1 else ""
        return "" if value in wanted else f"{name} {value} is not {one_of}{_text(wanted)}"
    if set(value) & set(wanted):
        return ""
    return f"{name} {_text(value)}: none of {_text(wanted)}" if value else f"no {name}"


def _some_of(name, value, unwanted):
    values = value if isinstance(value, list) else [value]
    found = [each for each in values if each in unwanted]
    return f"{name} {_text(found)} ruled out" if found else ""


def _text(value):
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def pool_members(models, pools):
    """List the models of every pool.

    Parameters
    ----------
    models : DataFrame
        As `score_table.read_models` gives it.
    pools : dict of str to dict
        The config's pools.

    Returns
    -------
    dict of str to list of str
        In declared order.

    Raises
    ------
    NeedleError
        For a pool that selects no model.
    """
    rows = models.to_dict("index")
    members = {pool: select(rows, declared["where"]) for pool, declared in pools.items()}
    for pool, chosen in members.items():
        if not chosen:
            raise empty_pool(pool, pools[pool]["where"])
    return members
