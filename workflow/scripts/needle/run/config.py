"""What a config names: cards, sources of tasks, strategies."""

import re

from needle.base.errors import NeedleError
from needle.base.schema import check, read_yaml
from needle.proxies.registry import TRAINED
from needle.run.protocol_files import with_protocols
from needle.scores.columns import SPEED_COLUMNS
from needle.strategies import hybrid

# What a benchmark shows if its config does not say.
DEFAULTS = {
    "pools": {"all": {"label": "ALL", "where": {}}},
    "level_margin": 0.05,
    "budgets": [1, 2, 3],
    "deltas": [],
    "uncertainty": {"resamples": 1000, "level": 0.95},
}
ALL = "all"  # budget: every model that the search ranks


def with_defaults(config, folder):
    """Add the keys that a config may leave out.

    A benchmark has `DEFAULTS`. A recommendation that has a ``time`` may do without a ``budget``:
    all that are ranked may then be fine-tuned. One whose strategy goes by a linear proxy that it
    does not compute gets that in place of the other form, with the same protocol. Where a config
    names a protocol of fine-tuning, its keys are put in: see `with_protocols`.

    Parameters
    ----------
    config : dict
        Not checked yet.
    folder : path
        Needle's, as the working directory sees it.

    Returns
    -------
    dict

    Raises
    ------
    NeedleError
        If a protocol that is named is not there.

    Examples
    --------
    >>> with_defaults({"run": "mine", "budgets": [1, 5]}, ".")["budgets"]
    [1, 5]
    >>> asked = {"data": "pictures", "strategy": "hybrid-linear"}
    >>> asked |= {"proxies": {"knn": {}, "linear_scaled": {"steps": 9}}}
    >>> with_defaults(asked, ".")["proxies"]
    {'knn': {}, 'linear': {'steps': 9}}
    >>> with_defaults({"data": "pictures", "time": "2h"}, ".")["budget"]
    'all'
    """
    config = with_protocols(config, folder)
    if "data" not in config:
        return DEFAULTS | config
    if "time" in config:
        config = {"budget": ALL} | config
    asked = str(config.get("strategy")).removeprefix(hybrid.PREFIX)
    proxies = config.get("proxies")
    if asked not in TRAINED or not isinstance(proxies, dict) or asked in proxies:
        return config
    renamed = {asked if name in TRAINED else name: proxies[name] for name in proxies}
    return config | {"proxies": renamed}


def read_cards(path, schema, key, names=None):
    """Read a file of cards and check it.

    Parameters
    ----------
    path : path
        YAML file whose `key` holds a list of cards, each with a ``name``.
    schema : dict
        JSON schema of the file.
    key : {"models", "tasks"}
    names : list of str, optional
        The cards to use, in this order; all in the file's order if not given.

    Returns
    -------
    tuple of dict
        What the file says of all its cards, and the cards by name.

    Raises
    ------
    NeedleError
        For a file that breaks the schema, a name used twice or not in the file.
    """
    document = read_yaml(path)
    check(document, schema, str(path))
    cards = {}
    for card in document.pop(key):
        if card["name"] in cards:
            raise NeedleError(f"{path}: {key}: the name {card['name']!r} is used twice; rename one")
        cards[card["name"]] = card
    for name in names or []:
        if name not in cards:
            raise NeedleError(
                f"config: {key}: no card {name!r} in {path}; it has {', '.join(cards)}"
            )
        if names.count(name) > 1:
            raise NeedleError(f"config: {key}: the name {name!r} is listed twice; remove one")
    return document, {name: cards[name] for name in names or cards}


def check_deltas(deltas, strategies):
    """Check that the compared strategies exist; a `NeedleError` names one that does not."""
    for position, delta in enumerate(deltas):
        for side in ("first", "second"):
            if delta[side] not in strategies:
                raise NeedleError(
                    f"config: deltas.{position}.{side}: no strategy {delta[side]!r}; "
                    f"allowed: {', '.join(strategies)}"
                )


def check_shown(shown, strategies):
    """Check that the strategies of the figures exist; a `NeedleError` names one that does not."""
    for position, name in enumerate(shown):
        if name not in strategies:
            raise NeedleError(
                f"config: shown.{position}: no strategy {name!r}; allowed: {', '.join(strategies)}"
            )


def check_group(pattern, kind):
    """Check the regular expression of groups.

    Parameters
    ----------
    pattern : str or None
    kind : {"images", "features"}
        Of the data.

    Raises
    ------
    NeedleError
        If it is none, or has no parentheses, or the data have no paths.
    """
    if pattern is None:
        return
    if kind != "images":
        raise NeedleError("config: group: it is found in the paths of images; remove it")
    try:
        parts = re.compile(pattern).groups
    except re.error as error:
        raise NeedleError(
            f"config: group: {pattern!r} is no regular expression: {error}; correct it"
        ) from error
    if not parts:
        raise NeedleError(
            f"config: group: {pattern!r} has no parentheses around the name of the group; write "
            r"such as (patient\d+)_"
        )


def check_measured(where):
    """Refuse conditions on the speed of models where there are only embeddings of them."""
    for column in where:
        if column in SPEED_COLUMNS:
            raise NeedleError(
                f"config: where: {column}: of embeddings no speed is measured; remove it, or name "
                "images as data"
            )


def check_time(config, kind):
    """Refuse a time where nothing is fine-tuned in it, or over folds."""
    if "time" not in config:
        return
    if kind != "images":
        raise NeedleError("config: time: of embeddings nothing is fine-tuned; remove it")
    if config.get("decide_on") == "folds":
        raise NeedleError(
            "config: time: halving goes by val, not by folds; remove time, or decide_on: folds"
        )


def choose_sources(source, config):
    """Choose where each task comes from: the preferred source that its card names.

    Parameters
    ----------
    source : tuple of dict
        What `read_cards` gives for the tasks.
    config : dict
        Its ``task_sources`` names the sources of real tasks, the preferred first.

    Returns
    -------
    dict of str to str
        By task: ``mini``, ``raw``, ``vtab1k_folder`` or ``imagefolder``.

    Raises
    ------
    NeedleError
        For a task without such a source, or a source that the config does not locate.
    """
    document, cards = source
    if document["source"] == "mini":
        return dict.fromkeys(cards, "mini")
    preferred = config.get("task_sources", ["raw", "vtab1k_folder", "imagefolder"])
    chosen = {}
    for task, card in cards.items():
        named = [kind for kind in preferred if kind in card]
        if not named:
            raise NeedleError(
                f"config: task_sources: {task} has none of {', '.join(preferred)}; name another "
                "source, or leave the task out of tasks"
            )
        chosen[task] = named[0]
        if named[0] == "vtab1k_folder" and "vtab1k_folder" not in config:
            raise NeedleError(
                f"config: vtab1k_folder: {task} comes from the community's folder; say where it "
                "is, or leave the task out of tasks"
            )
    return chosen
