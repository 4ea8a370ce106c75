"""The files that a config names: the user's own, or those that come with Needle."""

import os
from pathlib import Path

KEYS = ["model_cards", "task_cards", "scores_file", "models_file", "tasks_file", "paper_file"]
OWN_KEYS = ["data", "vtab1k_folder", "mirror"]  # nothing of these comes with Needle


def find_path(path):
    """Find what a user means by a path that may have a ``~`` or a ``$VARIABLE``.

    Parameters
    ----------
    path : str

    Returns
    -------
    str
        The path as it is given if it is there, else with both put in; with ``./`` before a dash,
        which programs take for an option.

    Examples
    --------
    >>> os.environ["PICTURES"] = "/disk/pictures"
    >>> find_path("$PICTURES/birds"), find_path("-birds"), find_path("$UNKNOWN/birds")
    ('/disk/pictures/birds', './-birds', '$UNKNOWN/birds')
    """
    if not os.path.lexists(path):
        path = os.path.expanduser(os.path.expandvars(path))
    return f"./{path}" if path.startswith("-") else path


def find_file(path, folder):
    """Find a file in the working directory, or else in Needle's folder.

    Parameters
    ----------
    path : str
        See `find_path`.
    folder : path
        Needle's, as the working directory sees it.

    Returns
    -------
    str
        The path as it is given, unless the file is in Needle's folder only.
    """
    path = find_path(path)
    own = Path(folder, path)
    return str(own) if own.is_file() and not Path(path).is_file() else path


def find_folder(path, folder):
    """Find a folder in the working directory, or else in Needle's; as `find_file` finds a file."""
    path = find_path(path)
    own = Path(folder, path)
    return str(own) if own.is_dir() and not Path(path).is_dir() else path


def find_files(config, folder):
    """Find all files that a config names.

    Parameters
    ----------
    config : dict
        Not checked yet: what is no text is left out.
    folder : path
        Needle's, as the working directory sees it.

    Returns
    -------
    dict of str to str
        Paths by key of the config.
    """
    named = {key: config[key] for key in KEYS if isinstance(config.get(key), str)}
    return {key: find_file(path, folder) for key, path in named.items()}


def find_weights(cards, folder):
    """Find the files that model cards name as their weights, in place.

    Parameters
    ----------
    cards : iterable of dict
        Model cards; those whose weights are in a repository, a package or nowhere stay as they are.
    folder : path
        Needle's, as the working directory sees it.
    """
    for card in cards:
        weights = card.get("weights", {})
        if "file" in weights and not {"hf_hub", "package"} & {*weights}:
            card["weights"] = weights | {"file": find_file(weights["file"], folder)}


def find_own(config):
    """Find the folders that a config names and that are the user's own.

    Parameters
    ----------
    config : dict
        Not checked yet: what is no text is left as it is.

    Returns
    -------
    dict
        Paths, or lists of them, by key of the config.
    """
    return {key: _found(config[key]) for key in OWN_KEYS if key in config}


def _found(value):
    if isinstance(value, list):
        return [_found(one) for one in value]
    return find_path(value) if isinstance(value, str) else value
