"""Writing tables: tidy CSV with a header; no number is rounded, and a missing one is empty."""

import csv
import math

from needle.base.files import atomic


def write_rows(path, rows):
    """Write a table from a non-empty list of dicts; None and NaN become empty cells."""
    with atomic(path) as temporary, open(temporary, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: _cell(value) for key, value in row.items()})


def write_table(path, table):
    """Write a pandas table without its index; missing values become empty cells."""
    with atomic(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def _cell(value):
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    return "" if missing else value
