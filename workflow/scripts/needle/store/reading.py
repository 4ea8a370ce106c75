"""Reading a store, all of it checked."""

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd

from needle.base.errors import NeedleError
from needle.base.schema import check, read_yaml
from needle.scores.protocols import FINETUNE
from needle.store import layout
from needle.store.cards import (
    MODEL_SCHEMA,
    PROTOCOL_SCHEMA,
    RUN_SCHEMA,
    TASK_SCHEMA,
    protocol_card,
)
from needle.store.check import check_entry
from needle.store.entry import Entry

_REMEDY = "take the file from where the store came from, or add the run again"


def read_store(folder):
    """Read all entries of a store.

    Parameters
    ----------
    folder : path

    Returns
    -------
    list of Entry
        By name.

    Raises
    ------
    NeedleError
        If there is none, or a file is not what `check_entry` and the schemas of `cards` want, or a
        protocol is not what its hash says; the file is named.
    """
    entries = [read_entry(path.parent) for path in entry_files(folder)]
    if not entries:
        raise NeedleError(
            f"{folder}: is no store: no folder in it has a {layout.RUN}; name another, or add a "
            "run to it by `make store RUN=results/mini`"
        )
    return entries


def entry_files(folder):
    """List the run.yaml of each entry, by name."""
    return sorted(Path(folder).glob(f"[!.]*/{layout.RUN}"))


def rows_of(entries):
    """Lay the rows of entries one below the other.

    Parameters
    ----------
    entries : list of Entry

    Returns
    -------
    DataFrame
        Columns entry, kind, and `layout.ROW_COLUMNS`.
    """
    tables = [each.rows.assign(entry=each.name, kind=each.kind) for each in entries]
    table = pd.concat(tables, ignore_index=True)
    return table[["entry", "kind", *layout.ROW_COLUMNS]]


def read_entry(folder):
    """Read the folder of one entry; errors as in `read_store`.

    Returns
    -------
    Entry
    """
    folder = Path(folder)
    entry = Entry(
        folder.name,
        _read_card(folder / layout.RUN, RUN_SCHEMA),
        _read_cards(folder / layout.MODELS, MODEL_SCHEMA),
        _read_cards(folder / layout.TASKS, TASK_SCHEMA),
        _read_cards(folder / layout.PROTOCOLS, PROTOCOL_SCHEMA),
        _read_results(folder / layout.RESULTS),
        _read_embeddings(folder / layout.TASKS),
    )
    check_entry(
        entry, lambda row: folder / layout.results_path(*row[["model", "task", "protocol"]])
    )
    if FINETUNE not in set(entry.rows["score"]):
        raise NeedleError(f"{folder}: has no value of {FINETUNE}; {_REMEDY}")
    for name, card in entry.protocols.items():
        if card != protocol_card(card["keys"]):
            path = folder / layout.PROTOCOLS / f"{layout.to_path(name)}.yaml"
            raise NeedleError(f"{path}: sha256 is not that of its keys; {_REMEDY}")
    return entry


def _read_cards(folder, schema):
    found = {layout.from_path(path.stem): path for path in sorted(folder.glob("*.yaml"))}
    return {name: _read_card(path, schema) for name, path in found.items()}


def _read_card(path, schema):
    card = read_yaml(path)
    check(card, schema, str(path))
    return card


def _read_results(folder):
    rows = []
    for path in sorted(folder.glob("*/*/*.csv")):
        task, model = (layout.from_path(part) for part in path.parts[-3:-1])
        of = model, task, layout.from_path(path.stem)
        rows += [(*of, *line) for line in _read_lines(path)]
    table = pd.DataFrame(rows, columns=layout.ROW_COLUMNS)
    return table.astype({"repeat": int, "value": float, "seconds": float})


def _read_lines(path):
    """Read a file of results: score, repeat, value, seconds (or NaN), device."""
    try:
        text = path.read_text(encoding="utf-8")
        header, *lines = csv.reader(text.splitlines(), strict=True)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise NeedleError(f"{path}: not a CSV file in UTF-8 ({error}); {_REMEDY}") from error
    if header != layout.VALUE_COLUMNS:
        wanted = ",".join(layout.VALUE_COLUMNS)
        raise NeedleError(f"{path}: its columns are not {wanted}; {_REMEDY}")
    if not text.endswith("\n"):
        raise NeedleError(f"{path}: was cut; {_REMEDY}")
    for number, line in enumerate(lines, 2):
        try:
            score, repeat, value, seconds, device = line
            if not re.fullmatch(r"\d+", repeat):
                raise ValueError(f"repeat {repeat!r} is not a number from 0 on")
            yield score, int(repeat), float(value), float(seconds or "nan"), device
        except ValueError as error:
            raise NeedleError(f"{path}: line {number}: {error}; {_REMEDY}") from error


def _read_embeddings(folder):
    """Read Task2Vec embeddings: the hash of the probe network, then a number in each line."""
    found = {}
    for path in sorted(folder.glob(f"*{layout.TASK2VEC}")):
        probe, *numbers = path.read_text(encoding="utf-8").split()
        try:
            vector = np.array([float(number) for number in numbers])
        except ValueError as error:
            raise NeedleError(f"{path}: {error}; {_REMEDY}") from error
        found[layout.from_path(path.name.removesuffix(layout.TASK2VEC))] = probe, vector
    return found
