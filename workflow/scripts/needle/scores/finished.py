"""Finished scores: what a user brings in CSV files instead of models and tasks.

Everything is checked here, before any work is done; no pandas, so that the Snakefile can ask.
"""

import csv
import re

from needle.base.errors import NeedleError
from needle.finetuning.partial import is_partial
from needle.scores.cells import check_text, read_list, read_number
from needle.scores.columns import LIST_COLUMNS, MODEL_COLUMNS, SCORE_COLUMNS, TASK_COLUMNS
from needle.scores.protocols import NAMES, is_name, protocols_of
from needle.scores.units import to_fractions, units_of

NUMBERS = ["params", "embedding_dim", "reference_accuracy", "upstream_examples"]
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


def read_score_file(path, unit, reserved=()):
    """Read a table of finished scores, long or wide.

    Parameters
    ----------
    path : path
        CSV file. Long: columns model, task, score, value. Wide: model, task, and one column for
        each score. Both may have a column repeat. ``finetune`` is the test accuracy after
        fine-tuning, ``finetune-modern`` that under another protocol, every other score a proxy; an
        empty cell is a missing score.
    unit : str or dict of str to str
        Of all scores, or of each: ``fraction``, ``percent``, or ``score`` for a proxy that is no
        accuracy.
    reserved : collection of str
        Names that no score may have: those of strategies.

    Returns
    -------
    list of dict
        Rows of scores.csv; accuracies are fractions.

    Raises
    ------
    NeedleError
        With the line of a duplicate, of a value that is no number or of one outside its unit; see
        `units.to_fractions`.
    """
    columns, lines = _read_csv(path)
    cells = list(_cells(path, columns, lines))
    scores = list(dict.fromkeys(score for _, score, _, _ in cells))
    _check_names(path, scores, reserved)
    units = units_of(path, scores, unit)
    rows, seen, places = [], {}, {score: [] for score in scores}
    for number, score, text, line in cells:
        key = (line["model"], line["task"], score, _repeat(path, number, line.get("repeat", "0")))
        if key in seen:
            raise NeedleError(
                f"{path}: line {number}: {score} of {key[0]} on {key[1]} (repeat {key[3]}) stands "
                f"already in line {seen[key]}; remove one, or number them in a column repeat"
            )
        seen[key] = number
        if text:
            where = f"{path}: line {number}: {score} of {key[0]} on {key[1]}"
            rows.append(dict(zip(SCORE_COLUMNS, (*key, read_number(where, text)), strict=True)))
            places[score].append((where, rows[-1]))
    for score, found in places.items():
        values = [(where, row["value"]) for where, row in found]
        fractions = to_fractions(path, score, values, units[score])
        for (_, row), value in zip(found, fractions, strict=True):
            row["value"] = value
    if not any(row["score"] == "finetune" for row in rows):
        raise NeedleError(
            f"{path}: has no value of the score finetune, the test accuracy after fine-tuning; "
            "without it there is no oracle and no regret"
        )
    return rows


def _cells(path, columns, lines):
    """Walk over a long or wide table: line number, score, text of the value, whole line."""
    for name in ("model", "task"):
        if name not in columns:
            raise NeedleError(f"{path}: has no column {name}; its columns: {', '.join(columns)}")
    long = "score" in columns
    known = {"model", "task", "repeat"} | ({"score", "value"} if long else set())
    scores = [name for name in columns if name not in known]
    if long and ("value" not in columns or scores):
        raise NeedleError(
            f"{path}: a long table has the columns model, task, score, value and maybe repeat; "
            f"this one has {', '.join(columns)}"
        )
    for number, line in lines:
        for name in ("model", "task", *(["score"] if long else [])):
            if not line[name]:
                raise NeedleError(f"{path}: line {number}: the {name} is empty")
        if long:
            yield number, line["score"], line["value"], line
        else:
            for score in scores:
                yield number, score, line[score], line


def _check_names(path, scores, reserved):
    """Refuse names that cannot be a proxy's."""
    for score in scores:
        if not _NAME.fullmatch(score) or score in reserved or score.startswith("hybrid-"):
            raise NeedleError(
                f"{path}: {score!r} cannot be the name of a score: lower-case letters, digits, "
                "dots, dashes and underscores, and not the name of a strategy; rename it"
            )
        for protocol in protocols_of([score])[1:]:
            if not is_name(protocol):
                raise NeedleError(
                    f"{path}: {score!r} cannot be the name of a score: after finetune- stands the "
                    f"name of a protocol, {NAMES}; rename it"
                )
        if score.startswith("partial-") and not is_partial(score):
            raise NeedleError(
                f"{path}: {score!r} cannot be the name of a score: after partial- stands the whole "
                "percent of the steps of fine-tuning, such as partial-25; rename it"
            )


def _repeat(path, number, text):
    if not text.isdecimal():
        raise NeedleError(f"{path}: line {number}: repeat {text!r} is not a number from 0 on")
    return int(text)


def read_model_file(path, names):
    """Read the metadata of models.

    Parameters
    ----------
    path : path or None
        CSV file with the column model and any others of models.csv; its order breaks ties.
        Without one the models are `names`, and nothing else is known of them.
    names : list of str
        Models that have scores; all must be in the file.

    Returns
    -------
    dict of str to dict
        By model: all columns of models.csv, None where missing; tags as a list.

    Raises
    ------
    NeedleError
    """
    lines = _read_named(path, "model", MODEL_COLUMNS, names)
    models = {}
    for number, line in lines:
        row = {column: line.get(column) or None for column in MODEL_COLUMNS}
        for column in NUMBERS:
            if row[column] is not None:
                where = f"{path}: line {number}: {column} of {row['model']}"
                row[column] = read_number(where, row[column])
                if column == "reference_accuracy" and not 0 <= row[column] <= 1:
                    raise NeedleError(f"{where} is {row[column]}; accuracies here are fractions")
                if row[column].is_integer() and column != "reference_accuracy":
                    row[column] = int(row[column])
        for column in LIST_COLUMNS:
            where = f"{path}: line {number}: {column} of {row['model']}"
            row[column] = read_list(where, row[column] or "")
        models[row["model"]] = row
    return models


def read_task_file(path, names):
    """Read the labels and groups of tasks.

    Parameters
    ----------
    path : path or None
        CSV file with the columns task, label and group; its order is that of the figures.
        Without one the tasks are `names`, each its own label.
    names : list of str
        Tasks that have scores; the file must have the same.

    Returns
    -------
    list of dict
        Rows of tasks.csv.

    Raises
    ------
    NeedleError
    """
    tasks = [
        {"task": line["task"], "label": line.get("label") or line["task"],
         "group": line.get("group") or ""}
        for _, line in _read_named(path, "task", TASK_COLUMNS, names)
    ]  # fmt: skip
    for task in tasks:
        if task["task"] not in names:
            raise NeedleError(
                f"{path}: the task {task['task']} has no score; its name may be spelt otherwise "
                f"there: {', '.join(names)}"
            )
    return tasks


def _read_named(path, key, allowed, names):
    """Read the lines of a file that names each model or task once."""
    if path is None:
        return [(0, {key: name}) for name in names]
    columns, lines = _read_csv(path)
    for column in [key, *columns]:
        if column not in columns or column not in allowed:
            raise NeedleError(
                f"{path}: its columns are {', '.join(columns)}; allowed: {', '.join(allowed)}, "
                f"of which {key} is needed"
            )
    seen = {}
    for number, line in lines:
        if not line[key]:
            raise NeedleError(f"{path}: line {number}: the {key} is empty")
        if line[key] in seen:
            raise NeedleError(
                f"{path}: line {number}: the {key} {line[key]} stands already in line "
                f"{seen[line[key]]}; remove one"
            )
        seen[line[key]] = number
    for name in names:
        if name not in seen:
            raise NeedleError(f"{path}: has no {key} {name}, which has scores; add a line for it")
    return lines


def _read_csv(path):
    """Read a CSV file: its columns, and its lines with their numbers."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            body = [(reader.line_num, [cell.strip() for cell in line]) for line in reader if line]
    except OSError as error:
        raise NeedleError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise NeedleError(f"{path}: not a CSV file in UTF-8 ({error})") from error
    if len(set(header)) < len(header) or "" in header:
        raise NeedleError(f"{path}: line 1: a column has no name or one that is used twice")
    for number, line in body:
        if len(line) != len(header):
            raise NeedleError(
                f"{path}: line {number}: has {len(line)} cells, the header {len(header)}"
            )
        for cell in line:
            check_text(f"{path}: line {number}", cell)
    if not body:
        raise NeedleError(f"{path}: has no rows")
    return header, [(number, dict(zip(header, line, strict=True))) for number, line in body]
