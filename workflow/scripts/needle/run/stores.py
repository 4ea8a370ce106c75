"""The stores of results that a config names: folders, or archives that are fetched once."""

import hashlib
from pathlib import Path

from needle.base.errors import NeedleError
from needle.run.named_files import find_folder

UNPACKED = "resources/stores/{sha256}"


def locate_stores(config, folder):
    """Say where the stores of a config are, or will be once they are fetched.

    Parameters
    ----------
    config : dict
        Not checked yet: what is no list has no store.
    folder : path
        Needle's, as the working directory sees it: the store that comes with it is there.

    Returns
    -------
    dict of str to str
        By path the address to fetch it from, "" of a folder that is there.
    """
    found = {}
    for named in config["store"] if isinstance(config.get("store"), list) else []:
        if isinstance(named, str):
            found[find_folder(named, folder)] = ""
        elif isinstance(named, dict) and {"url", "sha256"} <= named.keys():
            found[UNPACKED.format(sha256=named["sha256"])] = named["url"]
    return found


def check_former_key(config):
    """Tell whoever has a config of before what to write instead."""
    if "earlier_runs" in config:
        raise NeedleError(
            "config: earlier_runs: is no key any more; add each of the runs to a store (make store "
            "RUN=results/mini), and name the store: `store: [store]`"
        )


def check_stores(stores):
    """Check that each folder holds an entry; `read_store` checks the entries themselves.

    Parameters
    ----------
    stores : dict of str to str
        As `locate_stores` gives it.

    Raises
    ------
    NeedleError
    """
    for path, url in stores.items():
        if not url and not any(_entries(path)):
            raise NeedleError(
                f"config: store: {path} is no store; name another, or add a run to it: "
                f"make store RUN=results/mini STORE={path}"
            )


def check_probe(config, run):
    """Check the probe network that compares tasks."""
    probe = config.get("task_embedding", {}).get("model")
    if probe and run.kind == "features":
        raise NeedleError("config: task_embedding: needs images; remove it, or name images as data")
    if probe and probe not in run.models:
        raise NeedleError(
            f"config: task_embedding.model: {probe!r} is no model of this run; "
            f"allowed: {', '.join(run.models)}"
        )


def store_state(path):
    """Tell whether a store has changed: the hash of its files and of their names.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
        "" where it is yet to be fetched; its path has the hash of its archive.
    """
    digest = hashlib.sha256()
    files = sorted(file for entry in _entries(path) for file in entry.parent.rglob("*.*"))
    for file in files:
        if file.is_file():
            digest.update(f"{file.relative_to(path)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest() if files else ""


def _entries(path):
    return Path(path).glob("[!.]*/run.yaml")
