"""What a cell of a user's table says: a number, a list or a text."""

import math
import re

from needle.base.errors import NeedleError

# What people write for a number, and what to write instead; the first that fits is said.
_HABITS = [
    (r"[-–—?]*|n/?a|nan|none|null|inf(inity)?", "leave a missing value empty"),
    (r".*(±|\+[-/]|\().*", "write the mean alone; several runs are told apart by a column repeat"),
    (r".*%", "write it without the sign, and unit: percent in the config"),
    (r"[-+]?\d+,\d+", "write a point instead of the comma"),
    (r"[-+]?[\d.,' ]+", "write the digits alone, with a point before the decimals"),
    (r"[\u2212–]\s*[\d.]+", "write a plain - before it"),
    (r"[\d.]+ ?[kmb]", "write all its digits"),
]


def read_number(where, text):
    """Read a number.

    Parameters
    ----------
    where : str
        File, line and name, for the error.
    text : str

    Returns
    -------
    float

    Raises
    ------
    NeedleError
        If it is not finite, or anything else; it says what to write.

    Examples
    --------
    >>> read_number("a.csv: line 2", "0.81")
    0.81
    >>> read_number("a.csv: line 2", "0,81")
    Traceback (most recent call last):
        ...
    needle.base.errors.NeedleError: a.csv: line 2: '0,81' is not a number; write a point instead \
of the comma
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        fitting = (advice for form, advice in _HABITS if re.fullmatch(form, text.strip(), re.I))
        advice = next(fitting, "leave a missing value empty")
        raise NeedleError(f"{where}: {text!r} is not a number; {advice}")
    return value


def read_list(where, text):
    """Read a list of names separated by ``;``.

    Raises
    ------
    NeedleError
        For a comma, or brackets around it, with which all of it would be one name.

    Examples
    --------
    >>> read_list("a.csv: line 2", "expert; medical")
    ['expert', 'medical']
    """
    if "," in text or text.startswith("["):
        raise NeedleError(f"{where}: {text!r} would be one name; separate names by ;")
    return [name.strip() for name in text.split(";") if name.strip()]


def check_text(where, text):
    """Refuse a text with control characters, which no figure can show; ends of lines are none.

    Raises
    ------
    NeedleError
    """
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        raise NeedleError(f"{where}: {text!r} has a character that cannot be seen; remove it")
