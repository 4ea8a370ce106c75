"""The forms in which lists of pictures come: commas, tabs or blanks, with a header or without."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import PurePath

from needle.tasks.own.formats import LIST_SUFFIXES, PICTURE_SUFFIXES

PATH_NAMES = ("path", "file", "filename", "file_name", "filepath", "file_path", "image",
              "image_path", "image_name", "image_id", "img", "img_path")  # fmt: skip
LABEL_NAMES = ("label", "class", "category", "target")
BLANKS = " "
_ENDINGS = "|".join(map(re.escape, sorted(PICTURE_SUFFIXES, key=len, reverse=True)))
_PATH_AND_MORE = re.compile(rf"""\s*(".*"|[^\t]*(?:{_ENDINGS}))\s+(\S.*?)\s*""", re.IGNORECASE)


class ListFormatError(Exception):
    """A list that cannot be read; `line` is 0 if that holds for all of it."""

    def __init__(self, line, text):
        super().__init__(text)
        self.line = line


@dataclass(frozen=True)
class Lines:
    """What a list holds.

    Attributes
    ----------
    header : list of str
        Names of the columns, in lower case; path and label where the file has no header.
    lines : list of (int, list of str)
        Number of each line, from 1, and its cells.
    """

    header: list
    lines: list


def read_lines(text, suffix):
    """Read a list.

    The first line tells its form: what separates the names of a header, or a picture's path from
    its label.

    Parameters
    ----------
    text : str
    suffix : str
        Of the file's name, in lower case: of several possible forms, its own is taken.

    Returns
    -------
    Lines

    Raises
    ------
    ListFormatError

    Examples
    --------
    >>> read_lines("image;breed\\na.jpg;pug\\n", ".csv").header
    ['image', 'breed']
    >>> read_lines("my cats/1.jpg tabby cat\\n", ".txt").lines
    [(1, ['my cats/1.jpg', 'tabby cat'])]
    """
    if not text.strip():
        raise ListFormatError(0, "it is empty; write a header path,label and a line for a picture")
    first = next(line for line in text.splitlines() if line.strip())
    separators = LIST_SUFFIXES[suffix]
    for separator in separators:
        if set(_names(first, separator)) & set(PATH_NAMES):
            return _with_header(text, separator)
    for separator in separators:
        if _is_picture(_cells(first, separator)):
            return _without_header(text, separator)
    if any(
        _is_picture([cell, ""]) for separator in separators for cell in _cells(first, separator)
    ):
        raise ListFormatError(
            0,
            "its first line is not a path and its label; write these in each line, or a header "
            "such as path,label",
        )
    return _with_header(text, separators[0])


def _names(line, separator):
    return [cell.strip().lower() for cell in _cells(line, separator)]


def _cells(line, separator):
    """The cells of the first line; one that is cut within quotes has none."""
    if separator == BLANKS:
        match = _PATH_AND_MORE.fullmatch(line)
        return [match[1].strip('"'), match[2]] if match else line.split()
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def _is_picture(cells):
    return len(cells) > 1 and PurePath(cells[0].strip()).suffix.lower() in PICTURE_SUFFIXES


def _with_header(text, separator):
    (_, first), *lines = _all_cells(text, separator)
    header = [cell.strip().lower() for cell in first]
    if separator == BLANKS:
        more = max(len(header) - 2, 0)
        lines = [(line, [cells[0], *cells[-1].split(None, more)] if len(cells) == 2 else cells)
                 for line, cells in lines]  # fmt: skip
    return Lines(header, lines)


def _without_header(text, separator):
    lines = _all_cells(text, separator)
    several = [cells for _, cells in lines[:100] if len(_columns(cells, separator)) > 2]
    if several:
        raise ListFormatError(
            0,
            f"it has {len(_columns(several[0], separator))} columns and no header; write a header "
            "that names them, such as path,label, and if the label is another one, name that as "
            "label in the config",
        )
    return Lines(["path", "label"], lines)


def _columns(cells, separator):
    """With blanks, only numbers tell several labels from one of several words."""
    if separator != BLANKS or len(cells) < 2:
        return cells
    words = cells[1].split()
    return [cells[0], *words] if all(map(_is_number, words)) else cells


def _is_number(word):
    return re.fullmatch(r"[+-]?\d+(\.\d*)?", word) is not None


def _all_cells(text, separator):
    """Number and cells of every line that is not empty."""
    if separator == BLANKS:
        numbered = enumerate(text.splitlines(), start=1)
        return [(number, _cells(line, BLANKS)) for number, line in numbered if line.strip()]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise ListFormatError(reader.line_num, f"{error}; quote each odd cell whole") from error
