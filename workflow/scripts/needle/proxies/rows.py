"""The rows of proxy files: a score, the seconds it took, or the reason why there is none."""

import inspect
import math
import time

from needle.base.errors import NeedleError
from needle.proxies.registry import TRAINED, NoScoreError, formula, names


def check_names(proxies):
    """Check that the proxies that a config names are there.

    Parameters
    ----------
    proxies : iterable of str

    Raises
    ------
    NeedleError
        With those that there are.
    """
    for name in proxies:
        if name not in names():
            raise NeedleError(
                f"config: proxies: unknown key {name!r}; allowed: {', '.join(names())}"
            )


def quick_proxies(proxies):
    """List the proxies that one job computes together: all but the linear ones."""
    return [name for name in proxies if name not in TRAINED]


def proxy_row(name, embeddings, settings, seed):
    """Compute one proxy.

    Parameters
    ----------
    name : str
        Of its file in `needle.proxies.formulas`.
    embeddings : Embeddings
    settings : dict
        What the config says of the proxy: arguments of its ``score``.
    seed : int
        For a proxy that draws something.

    Returns
    -------
    dict
        ``repeat, learning_rate, value, seconds, reason``: the columns of a proxy file.
    """
    score = formula(name).score
    if "seed" in inspect.signature(score).parameters:
        settings = settings | {"seed": seed}
    value, reason = math.nan, ""
    started = time.perf_counter()
    try:
        value = score(embeddings, **settings)
        if not math.isfinite(value):
            value, reason = math.nan, "the score is too large for a number or is none"
    except NoScoreError as error:
        reason = str(error)
    seconds = time.perf_counter() - started
    return {
        "repeat": 0, "learning_rate": None, "value": value, "seconds": seconds, "reason": reason
    }  # fmt: skip
