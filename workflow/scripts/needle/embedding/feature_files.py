"""Which models a folder of embeddings has; nothing is opened here."""

import re
from pathlib import Path

from needle.base.errors import NeedleError
from needle.tasks.own.formats import FEATURE_SUFFIXES
from needle.tasks.own.problems import refuse

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")  # of results files, on every system


def feature_models(path):
    """Find the file of each model.

    Parameters
    ----------
    path : path
        Folder of ``{model}.npz`` and ``{model}.parquet`` files; others are passed over.

    Returns
    -------
    dict of str to str
        File by model, sorted by model.

    Raises
    ------
    NeedleError
        If there are none, two of one model or of names that differ by case only, or one whose
        name cannot be that of a model.
    """
    path = Path(path)
    if not path.is_dir():
        raise NeedleError(f"{path}: no such folder; name one with a .npz or .parquet file a model")
    files = sorted(
        (file for file in path.iterdir()
         if file.suffix.lower() in FEATURE_SUFFIXES and not file.name.startswith(".")),
        key=lambda file: (file.stem, file.suffix),
    )  # fmt: skip
    complaints, same = [], {}
    for file in files:
        same.setdefault(file.stem.lower(), []).append(file.name)
        if not file.is_file():
            complaints.append(f"{file.name} is no file; give one file for each model")
        elif not _NAME.fullmatch(file.stem):
            complaints.append(
                f"{file.name!r} cannot be the name of a model: letters from a to z, digits, dots, "
                "dashes, plus signs and underscores; rename it"
            )
    complaints += [
        f"{' and '.join(names)} are of one model; keep one of them, or rename it"
        for names in same.values()
        if len(names) > 1
    ]
    if not files:
        complaints.append("it has no .npz and no .parquet file")
    if complaints:
        refuse(path, complaints)
    return {file.stem: str(file) for file in files}
