"""The two file formats: safetensors that describe themselves, and tidy CSV tables.

Every file is written under a temporary name and renamed, so that a reader never sees half a file.
"""

import contextlib
import csv
import json
import math
import os
import tempfile
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from needle.errors import NeedleError


@contextlib.contextmanager
def atomic(path):
    """Give a temporary path beside `path` that becomes `path` if the block succeeds."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_tensors(path, tensors, card):
    """Write arrays and the card that describes them.

    Parameters
    ----------
    path : path
    tensors : dict of str to numpy.ndarray
    card : dict
        JSON-serialisable; becomes the metadata ``card``.
    """
    with atomic(path) as temporary:
        save_file(tensors, temporary, metadata={"card": json.dumps(card)})


@contextlib.contextmanager
def open_tensors(path, framework="np"):
    """Open a safetensors file by memory map; a broken one is a `NeedleError`."""
    try:
        with safe_open(path, framework=framework) as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise NeedleError(
            f"{path}: not a readable safetensors file ({error}); delete it and run again"
        ) from error


def read_card(path):
    """Read the card of a safetensors file without its tensors."""
    with open_tensors(path) as file:
        metadata = file.metadata() or {}
    if "card" not in metadata:
        raise NeedleError(f"{path}: has no card in its metadata; delete it and run again")
    return json.loads(metadata["card"])


def write_rows(path, rows):
    """Write a table from a non-empty list of dicts; None and NaN become empty cells."""
    with atomic(path) as temporary, open(temporary, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: _cell(value) for key, value in row.items()})


def _cell(value):
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    return "" if missing else value


def write_table(path, table):
    """Write a pandas table without its index; missing values become empty cells."""
    with atomic(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
