"""Pictures that a list has: a file of lines, or one for each split."""

import os
import stat
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from needle.tasks.own.checks import SPLITS, Candidate, count
from needle.tasks.own.formats import PICTURE_SUFFIXES
from needle.tasks.own.lists.list_format import LABEL_NAMES, PATH_NAMES, ListFormatError, read_lines
from needle.tasks.own.lists.unsupported import one_hot, unsupported
from needle.tasks.own.problems import Problem, shorten
from needle.tasks.own.splits.split_names import SPLIT_NAMES

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


def read_rows(path, label=None):
    """Read the rows of a list; nothing in it is an error here.

    Parameters
    ----------
    path : path
        UTF-8, in one of the forms of `list_format`.
    label : str, optional
        Name of the column that is the label, where there are several.

    Returns
    -------
    Table
        Labels are stripped and in Unicode's form NFC; a split is train, val, test or "".
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _refused(f"it is not in UTF-8 ({error.reason}); save it as UTF-8")
    try:
        read = read_lines(text, Path(path).suffix.lower())
        columns, notes = _choose_columns(read, label)
    except ListFormatError as error:
        return _refused(str(error), error.line)
    return _read_lines(Path(path).parent, read, columns, notes)


def _refused(complaint, line=0):
    return Table(complaints=[(line, complaint)])


def _choose_columns(read, label):
    """Choose the columns of path and label: their names by what they are for, and notes."""
    header = read.header
    paths = [name for name in PATH_NAMES if name in header]
    others = [name for name in header if name not in {*paths[:1], *OPTIONAL}]
    if not paths:
        raise ListFormatError(
            0,
            f"its header is {', '.join(header)}; it has no column path; name the columns, such as "
            "path,label or path,label,split",
        )
    if label is None:
        found = [name for name in LABEL_NAMES if name in others][:1] or others
    else:
        found = [name for name in others if name == label.strip().lower()]
    if len(found) != 1:
        raise ListFormatError(0, _which_label(read, others, label))
    columns = {"path": paths[0], "label": found[0]}
    twice = {name for name in header if header.count(name) > 1}
    if twice & {*columns.values(), *OPTIONAL}:
        raise ListFormatError(
            0, f"its header has {' and '.join(sorted(twice))} more than once; rename one"
        )
    notes = [] if found[0] == "label" else [f"the labels are those of the column {found[0]}"]
    unused = [name or "(without a name)" for name in others if name != found[0]]
    if unused:
        notes.append(f"columns that are not used: {', '.join(unused)}")
    return columns, notes


def _which_label(read, others, label):
    """Say that no column is the label, or which may be it."""
    if label is not None:
        return (
            f"label in the config is {label}, but the columns are {', '.join(read.header)}; name "
            "one of them"
        )
    cells = {name: [row[read.header.index(name)] for _, row in read.lines
                    if len(row) == len(read.header)] for name in others}  # fmt: skip
    if reason := one_hot(cells):
        return reason
    if not others:
        return f"its header is {', '.join(read.header)}; it has no column label"
    return f"which column is the label: {', '.join(others)}? Name it as label in the config"


def _read_lines(root, read, columns, notes):
    """Read what comes after the header."""
    header, rows, complaints = read.header, [], []
    for line, cells in read.lines:
        named = dict(zip(header, cells, strict=False))
        path, split = named.get(columns["path"], ""), named.get("split", "").strip()
        label = unicodedata.normalize("NFC", named.get(columns["label"], "").strip())
        if len(cells) != len(header):
            complaints.append((line, _miscounted(len(cells), len(header))))
        elif not path.strip() or not label:
            complaints.append((line, f"has no {'label' if path.strip() else 'path'}"))
        elif split and split.lower() not in SPLIT_NAMES:
            complaints.append((line, f"split {split} is none of {', '.join(SPLITS)}"))
        else:
            path = _with_slashes(root, path)
            group = named.get("group", "").strip()
            rows.append(Row(line, path, label, SPLIT_NAMES.get(split.lower(), ""), group))
    return Table(rows, complaints, notes)


def _with_slashes(root, path):
    """Read a path that Windows has written; a file that has backslashes in its name keeps them."""
    if "\\" not in path or os.path.lexists(root / path):
        return path
    return path.replace("\\", "/")


def _miscounted(cells, columns):
    text = f"has {cells} cells, the header has {columns}"
    if cells <= columns:
        return text
    return f"{text}; quote a cell with a comma in it; several labels a picture are not supported"


def read_lists(files, label=None):
    """Read lists that are of a split each, as one.

    Parameters
    ----------
    files : dict of str to path
        By split.
    label : str, optional

    Returns
    -------
    Table
        Each row has the split of its file; complaints are all of line 0, and name theirs.
    """
    rows, complaints, notes = [], [], []
    for split, file in files.items():
        table = read_rows(file, label)
        rows += [replace(row, split=split) for row in table.rows]
        name = Path(file).name
        complaints += [(0, f"{name}: {f'line {line}: ' if line else ''}{text}")
                       for line, text in table.complaints]  # fmt: skip
        complaints += [
            (0, f"{name}: line {row.line}: its split is {row.split}; keep it out of this file")
            for row in table.rows
            if row.split not in ("", split)
        ]
        notes += [f"{name}: {note}" for note in table.notes]
    return Table(rows, complaints, notes)


def find_in_table(root, table):
    """Find the pictures that a list has.

    Parameters
    ----------
    root : pathlib.Path
        What its paths are relative to.
    table : Table

    Returns
    -------
    candidates : list of Candidate
    counts : dict of (str, str) to int
        Pictures by split and label.
    problems : list of Problem
    complaints : list of str
    """
    if reason := unsupported([(row.line, row.path, row.label) for row in table.rows]):
        return [], {}, [], [reason]
    if whole := [text for line, text in table.complaints if line == 0]:
        return [], {}, [], shorten(whole, "complaints")
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
        if (reason := _not_a_file(root, row.path))
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
        return "no such file" + _with_an_ending(root, path)
    return "" if stat.S_ISREG(mode) else "not a file"


def _with_an_ending(root, path):
    """Say which picture is there, if the path lacks its ending only."""
    if "\0" in path or PurePosixPath(path).suffix.lower() in PICTURE_SUFFIXES:
        return ""
    found = [
        path + ending for ending in sorted(PICTURE_SUFFIXES) if (root / (path + ending)).is_file()
    ]
    return f", but {found[0]} is there; write the whole name" if found else ""
