"""The files that a config names: the user's own, or those that come with Needle."""

from pathlib import Path

KEYS = ["model_cards", "task_cards", "scores_file", "models_file", "tasks_file", "paper_file"]


def find_file(path, folder):
    """Find a file in the working directory, or else in Needle's folder.

    Parameters
    ----------
    path : str
    folder : path
        Needle's, as the working directory sees it.

    Returns
    -------
    str
        The path as it is given, unless the file is in Needle's folder only.
    """
    own = Path(folder, path)
    return str(own) if own.is_file() and not Path(path).is_file() else path


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
