"""The weights of a whole pool: what can be had is fetched, and the rest is named with a reason."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from needle.base.errors import NeedleError
from needle.machine.http import UnreachableError
from needle.models.weights import check_digest, locate, obtain

SIDE_BY_SIDE = 4  # downloads


def fetch_pool(cards, folder, mirror=None):
    """Fetch the weights of each model, unless they are there already.

    Parameters
    ----------
    cards : list of dict
    folder : path
        Where they go, as ``{model}.bin``.
    mirror : path or str, optional
        As in `obtain`.

    Returns
    -------
    dict of str to str
        By model, in the order of the cards: why its weights cannot be had; empty if they are there.

    Raises
    ------
    NeedleError
        If none can be had: with the reasons.
    """
    unreachable, lock = {}, threading.Lock()

    def attempt(card):
        path = Path(folder, f"{card['name']}.bin")
        try:
            source = locate(card)
            if _is_there(path, source):
                return ""
            _origin(path).unlink(missing_ok=True)
            # Downloads from one place share its network; whether it answers is seen once.
            with lock:
                known = unreachable.get(_place(source))
            if known:
                return known
            obtain(source, path, mirror)
            _origin(path).write_text(repr(source), encoding="utf-8")
            return ""
        except UnreachableError as error:
            with lock:
                unreachable[_place(source)] = str(error)
            return str(error)
        except NeedleError as error:
            return str(error)

    reasons = {}
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for card, reason in zip(cards, pool.map(attempt, cards), strict=True):
            reasons[card["name"]] = reason
            print(f"{card['name']}: {reason or 'fetched'}", file=sys.stderr, flush=True)
    if all(reasons.values()):
        lines = [f"  - {model}: {reason}" for model, reason in reasons.items()]
        raise NeedleError("\n".join(["the weights of no model can be had:", *lines]))
    return reasons


def _place(source):
    """What is unreachable if one of its files is."""
    return source.kind, urlsplit(source.where).hostname


def _is_there(path, source):
    """Whether a file was fetched before, from the same source, and is the one that is meant."""
    try:
        check_digest(path, source)
        return _origin(path).read_text(encoding="utf-8") == repr(source)
    except (OSError, NeedleError):
        return False


def _origin(path):
    """What a file was fetched from stands beside it: for many, no checksum is known."""
    return path.with_suffix(".source")
