"""The rounds of a search: with how many pictures the models of a large pool are embedded first."""

from needle.base.errors import NeedleError
from needle.proxies.registry import ON_VAL
from needle.recommend.auto import AUTO, head_proxy
from needle.strategies.registry import practical

ROUNDS = [250, 500]
LARGE = 10  # models, above which a pool is searched in rounds if the config does not say


def rounds_of(config, run):
    """Say with how many pictures the models of a run are embedded before all.

    Parameters
    ----------
    config : dict
        Checked; ``rounds`` if it has any to say.
    run : Run

    Returns
    -------
    list of int
        Pictures of each round; empty where there are none.

    Raises
    ------
    NeedleError
        If the config asks for rounds that there cannot be.
    """
    asked = config.get("rounds")
    if asked is None:
        large = len(run.models) > LARGE
        return ROUNDS if large and run.kind == "images" and not _obstacle(config, run) else []
    if asked and run.kind != "images":
        raise NeedleError("config: rounds: nothing is embedded; remove it")
    if asked != sorted(asked):
        raise NeedleError(f"config: rounds: {asked} do not grow; sort them")
    if asked and (reason := _obstacle(config, run)):
        raise NeedleError(f"config: rounds: {reason}; set rounds to []")
    return asked


def _obstacle(config, run):
    """Say why models cannot be dropped by few pictures; nothing if they can."""
    searches, strategy = practical(run.proxies), config["strategy"]
    search = searches.get(strategy)
    if strategy != AUTO and not search.proxies and not search.learns:
        return f"{strategy} goes by no proxy"
    proxy = head_proxy(strategy, run.proxies, searches)
    if proxy not in ON_VAL:
        return f"{proxy} is no accuracy, so it has no interval"
    if config.get("embedding", {}).get("features") == "attentive":
        return "attentive features learn from all pictures at once"
    for column in config.get("where", {}):
        if any(column not in card and column != "model" for card in run.models.values()):
            return f"where: {column} is known only once a model was embedded with all pictures"
    return ""
