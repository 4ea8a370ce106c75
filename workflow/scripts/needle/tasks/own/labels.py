"""Labels that are written differently but may be one, and labels that may be none."""

import re
import unicodedata
from decimal import Decimal

from needle.tasks.own.problems import shorten

NO_LABEL = {
    "nan",
    "null",
    "none",
    "n/a",
    "#n/a",
    "<na>",
    "nat",
}  # as programs write what is missing
_QUOTES = "'\"`´‘’‚‛“”„‟«»‹›"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?")


def label_complaints(labels):
    """Compare labels with one another.

    Parameters
    ----------
    labels : iterable of str

    Returns
    -------
    list of str
        One for each two that differ only in case, blanks, quotes, Unicode's form or the way a
        number is written, and for each that looks like a missing value.

    Examples
    --------
    >>> for line in label_complaints(["cat", "Cat", "dog", "NaN"]): print(line)
    classes 'Cat' and 'cat' differ only in how they are written; if they are one, give both one \
name, if they are two, names that differ more
    class 'NaN' looks like a missing value; give these examples their label, or take them out; if \
it is a class, call it otherwise, such as 'no NaN'
    >>> label_complaints(["1", "-1", "10", "a+", "a-", "C", "C++"])
    []
    """
    first, complaints, missing = {}, [], []
    for label in sorted(set(labels)):
        same = first.setdefault(_written(label), label)
        if same != label:
            complaints.append(
                f"classes {same!r} and {label!r} differ only in how they are written; if they are "
                "one, give both one name, if they are two, names that differ more"
            )
        if label.strip().casefold() in NO_LABEL:
            missing.append(
                f"class {label!r} looks like a missing value; give these examples their label, or "
                f"take them out; if it is a class, call it otherwise, such as 'no {label.strip()}'"
            )
    return [*shorten(complaints, "such pairs"), *missing]


def _written(label):
    """Bring a label to what all ways to write it share."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold())
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
    bare = text.strip(_QUOTES + " ") if text[:1] in _QUOTES else text
    text = bare or text  # a label may be a quote
    if _NUMBER.fullmatch(text):
        return Decimal(text).normalize()
    text = re.sub(r"(?<=\w)[\s_-]+(?=\w)", " ", text)
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text)  # "1 1" is not "11"
