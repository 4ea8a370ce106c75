"""Labels that are none of one class a picture: several labels, or numbers to predict."""

import math
import re
from collections import defaultdict

WHY = "that is not supported, because models are fine-tuned to tell classes apart, one a picture"
SURE, UNSURE = ";|", ","  # separators of labels; a comma is more often part of one
MOST_CONTRARY = 0.1  # share of pictures listed with several labels, above which they are meant


def unsupported(labelled):
    """Say why the labels of a list are not of one class a picture.

    Parameters
    ----------
    labelled : list of (int, str, str)
        Line, path and label.

    Returns
    -------
    str
        "" where they may be.

    Examples
    --------
    >>> lines = [(2, "a.jpg", "cat"), (3, "b.jpg", "dog"), (4, "c.jpg", "cat;dog")]
    >>> unsupported(lines).split(";")[0]
    'line 4: label cat'
    >>> unsupported(lines[:2])
    ''
    """
    return _joined(labelled) or _repeated(labelled) or _numbers(labelled)


def one_hot(columns):
    """Say that columns are one for each class, if they are.

    Parameters
    ----------
    columns : dict of str to list of str
        Cells by name, of the columns that have no other meaning.

    Returns
    -------
    str
        "" where they are not.
    """
    marks = {"0", "1", "0.0", "1.0", "-1", "true", "false", "yes", "no"}
    hot = [name for name, cells in columns.items()
           if cells and {cell.strip().lower() for cell in cells} <= marks]  # fmt: skip
    if len(hot) < 2:
        return ""
    shown = ", ".join(hot[:3]) + (f" and {len(hot) - 3} more" if len(hot) > 3 else "")
    return (
        f"it has a column of 0 and 1 for each class ({shown}): several labels a picture; {WHY}; "
        "write one column label that names the class, or name one of these as label in the config"
    )


def _joined(labelled):
    """Find a label whose parts are labels too."""
    labels = {label for _, _, label in labelled}
    uses = defaultdict(set)
    for label in labels:
        for part in _parts(label, SURE + UNSURE):
            uses[part].add(label)
    for line, _, label in labelled:
        known = len(_parts(label, SURE)) > 1 and all(
            len(uses[part]) > 1 for part in _parts(label, SURE)
        )
        parts = _parts(label, SURE + UNSURE)
        if len(parts) > 1 and (known or all(part in labels for part in parts)):
            return (
                f"line {line}: label {label} joins {' and '.join(parts)}, which others have too: "
                f"several labels a picture; {WHY}; keep one label each, or write what is meant as "
                "one class, such as cat+dog"
            )
    return ""


def _parts(label, separators):
    """Split a label; a list in brackets is one of its entries."""
    inner = re.fullmatch(r"[\[({](.*)[\])}]", label.strip())
    text = inner[1] if inner else label
    parts = re.split(f"[{re.escape(separators + (UNSURE if inner else ''))}]", text)
    return list(dict.fromkeys(filter(None, (part.strip(" '\"") for part in parts))))


def _repeated(labelled):
    """Find pictures that are listed once for each of their labels."""
    labels = defaultdict(set)
    for _, path, label in labelled:
        labels[path].add(label)
    several = {path: found for path, found in labels.items() if len(found) > 1}
    if len(several) <= MOST_CONTRARY * len(labels):
        return ""
    path, found = next(iter(several.items()))
    return (
        f"{len(several):,} of {len(labels):,} pictures are listed with several labels, such as "
        f"{path} with {' and '.join(sorted(found)[:3])}; {WHY}; keep one line each"
    )


def _numbers(labelled):
    """Find labels that are nearly as many numbers as there are pictures."""
    labels = [label for _, _, label in labelled]
    different = list(dict.fromkeys(labels))
    values = [value for value in map(_value, different) if value is not None]
    if len(values) < len(different) or len(different) < max(10, len(labels) / 5):
        return ""
    if set(values) in (set(range(len(values))), set(range(1, len(values) + 1))):
        return ""  # numbers of classes
    return (
        f"the labels are {len(different):,} numbers for {len(labels):,} pictures, such as "
        f"{', '.join(different[:3])}: numbers to predict; {WHY}; put them into classes, such as "
        "low and high, in a column of their own"
    )


def _value(label):
    try:
        value = float(label.removesuffix("%").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
