"""Pictures that a .csv file lists."""

import csv
import io
import os
import stat
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from needle.tasks.own.checks import SPLITS, Candidate, count
from needle.tasks.own.problems import Problem, shorten
from needle.tasks.own.split_names import SPLIT_NAMES

COLUMNS = ("path", "label")
OPTIONAL = ("split", "group")


@dataclass(frozen=True)
class Row:
    """A line of the file: its number from 1, and its cells."""

    line: int
    path: str
    label: str
    split: str
    group: str = ""


@dataclass(frozen=True)
class Table:
    """The rows that can be understood; complaints by line, 0 for the whole file."""

    rows: list = field(default_factory=list)
    complaints: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def read_rows(path):
    """Read the rows of a .csv file; nothing in it is an error here.

    Parameters
    ----------
    path : path
        UTF-8, with a header that names the columns ``path``, ``label`` and perhaps ``split``.

    Returns
    -------
    Table
        Labels are stripped and in Unicode's form NFC; a split is train, val, test or "".
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _refused(f"it is not in UTF-8 ({error.reason}); save it as UTF-8")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        return _refused(f"line {reader.line_num}: {error}; quote each odd cell whole")
    if not lines:
        return _refused("it is empty; write a header path,label and a line for a picture")
    header = [cell.strip().lower() for cell in lines[0][1]]
    missing = [column for column in COLUMNS if column not in header]
    twice = {column for column in header if header.count(column) > 1}
    if missing or twice & {*COLUMNS, *OPTIONAL}:
        return _refused(
            f"its header is {','.join(header)}; it must be path,label or path,label,split, with "
            "commas"
        )
    return _read_lines(header, lines[1:], Path(path).parent)


def _refused(complaint):
    return Table(complaints=[(0, complaint)])


def _read_lines(header, lines, root):
    """Read what comes after the header."""
    rows, complaints, notes = [], [], []
    for line, cells in lines:
        named = dict(zip(header, cells, strict=False))
        path, split = named.get("path", ""), named.get("split", "").strip()
        label = unicodedata.normalize("NFC", named.get("label", "").strip())
        if len(cells) != len(header):
            complaints.append((line, f"has {len(cells)} cells, the header has {len(header)}"))
        elif not path.strip() or not label:
            complaints.append((line, f"has no {'label' if path.strip() else 'path'}"))
        elif split and split.lower() not in SPLIT_NAMES:
            complaints.append((line, f"split {split} is none of {', '.join(SPLITS)}"))
        else:
            path = _with_slashes(root, path)
            group = named.get("group", "").strip()
            rows.append(Row(line, path, label, SPLIT_NAMES.get(split.lower(), ""), group))
    others = [column for column in header if column not in {*COLUMNS, *OPTIONAL}]
    if others:
        notes.append(f"columns that are not used: {', '.join(others)}")
    return Table(rows, complaints, notes)


def _with_slashes(root, path):
    """Read a path that Windows has written; a file that has backslashes in its name keeps them."""
    if "\\" not in path or os.path.lexists(root / path):
        return path
    return path.replace("\\", "/")


def find_in_table(path):
    """Find the pictures that a .csv file lists.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    candidates : list of Candidate
    counts : dict of (str, str) to int
        Pictures by split and label.
    problems : list of Problem
    complaints : list of str
    """
    table = read_rows(path)
    complaints = [*table.complaints]
    given = {row.split for row in table.rows}
    if len(given) > 1 and "" in given:
        complaints += [(row.line, "has no split") for row in table.rows if not row.split]
    elif given and given != {""}:
        complaints += [
            (0, f"no line is of split {split}; give train and test, or no split at all")
            for split in ("train", "test")
            if split not in given
        ]
    complaints += [
        (row.line, f"{row.path}: {reason}")
        for row in table.rows
        if (reason := _not_a_file(path.parent, row.path))
    ]
    candidates = [
        Candidate(PurePosixPath(row.path).as_posix(), row.label, row.split, row.group)
        for row in table.rows
    ]
    problems = [Problem("", note, "noted") for note in table.notes]
    lines = [f"line {line}: {text}" if line else text for line, text in sorted(complaints)]
    return candidates, count(candidates), problems, shorten(lines, "complaints")


def _not_a_file(root, path):
    """Say why a listed path is not a file; "" if it is one."""
    try:
        mode = (root / path).stat().st_mode
    except (OSError, ValueError):
        return "no such file"
    return "" if stat.S_ISREG(mode) else "not a file"
