"""The models that joined a run after it was first finished."""

from pathlib import Path

from needle.base.csv_files import write_rows
from needle.base.errors import NeedleError
from needle.base.run_tables import read_table

COLUMNS = ["model", "addition"]


def additions(path, models):
    """Part the models of a run by when they joined it.

    Parameters
    ----------
    path : path
        The run's additions.csv, as `write_additions` left it; it need not be there.
    models : list of str
        All of the run as it is now.

    Returns
    -------
    list of list of str
        First the models that the run had when it was first finished, all if it never was; then
        those of each later addition. Who has left the run is in none. Asked again with the same
        models after `write_additions`, it says the same.

    Raises
    ------
    NeedleError
        If the file is not such a table.

    Examples
    --------
    >>> additions("nowhere.csv", ["a", "b"])
    [['a', 'b']]
    """
    present, parts = set(models), {}
    for model, addition in _read(path):
        if model in present:
            parts.setdefault(addition, []).append(model)
    known = [parts[addition] for addition in sorted(parts)]
    new = sorted(present.difference(*known), key=models.index)
    return [*known, new] if new else known


def write_additions(path, parts):
    """Write additions.csv: every model, and the number of the addition that brought it, from 0."""
    rows = [(model, number) for number, part in enumerate(parts) for model in part]
    write_rows(path, [dict(zip(COLUMNS, row, strict=True)) for row in rows])


def _read(path):
    if not Path(path).exists():
        return []
    table = read_table(path)
    if list(table.columns) != COLUMNS or table["addition"].dtype.kind != "i":
        raise NeedleError(
            f"{path}: its columns are not {', '.join(COLUMNS)}, a name and a whole number; delete "
            "it, and what the run has now counts as its beginning"
        )
    return table.itertuples(index=False, name=None)
