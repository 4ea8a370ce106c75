"""Writing tables: tidy CSV with a header; no number is rounded, and a missing one is empty."""

import csv
import math

from needle.base.files import atomic

# With it, cells that hold a carriage return are quoted too; `_Lines` takes it away.
_END = "\r\n"


class _Lines:
    """A file whose lines end with a newline alone, whatever the ends are that are written to it."""

    def __init__(self, file):
        self._file = file

    def write(self, line):
        return self._file.write(line.removesuffix(_END) + "\n")


def write_rows(path, rows):
    """Write a table from a non-empty list of dicts; None and NaN become empty cells."""
    with atomic(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(_Lines(file), fieldnames=list(rows[0]), lineterminator=_END)
        writer.writeheader()
        for row in rows:
            writer.writerow({key: _cell(value) for key, value in row.items()})


def write_table(path, table):
    """Write a pandas table without its index; missing values become empty cells."""
    with atomic(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        table.to_csv(_Lines(file), index=False, lineterminator=_END)


def _cell(value):
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    return "" if missing else value
