"""Long tables, made of blocks, and laid out with their tasks side by side."""

import numpy as np
import pandas as pd


def stack(blocks, most, columns):
    """Write blocks one below the other into one table.

    Parameters
    ----------
    blocks : iterable of tuple
        Key (pool, strategy, task); columns by name, sequences of equal length.
    most : int
        The most rows that there can be. What is not filled takes no memory.
    columns : list of str
        Order of the columns of the table.

    Returns
    -------
    DataFrame
        Pool, strategy and task are categories, which take a byte a row.

    Examples
    --------
    >>> block = ("all", "knn", "t1"), {"rank": [1, 2]}
    >>> stack([block], 10, ["pool", "task", "rank"])
      pool task  rank
    0  all   t1     1
    1  all   t1     2
    """
    table, keys, sizes, end = {}, [], [], 0
    for key, block in blocks:
        size = len(next(iter(block.values())))
        for column, values in block.items():
            if column not in table:
                kind = np.asarray(values).dtype
                # Ranks and budgets: no pool has two thousand million models.
                table[column] = np.empty(most, np.int32 if kind.kind == "i" else kind)
            table[column][end : end + size] = values
        keys.append(key)
        sizes.append(size)
        end += size
    if not keys:
        return pd.DataFrame(columns=columns)
    table = {column: values[:end] for column, values in table.items()}
    for name, texts in zip(("pool", "strategy", "task"), zip(*keys, strict=True), strict=True):
        table[name] = pd.Categorical(texts).repeat(sizes)
    return pd.DataFrame({column: table[column] for column in columns}, copy=False)


def by_tasks(table, keys, columns):
    """Set out a long table with a row for each of its keys and its tasks side by side.

    Parameters
    ----------
    table : DataFrame
        Columns of keys, task and values.
    keys, columns : list of str

    Returns
    -------
    tuple of DataFrame and list of numpy.ndarray
        The keys in order of appearance, and for each column an array, shape (keys, tasks), NaN
        where the table has no value.

    Examples
    --------
    >>> table = pd.DataFrame({"budget": [1, 2, 1], "task": ["a", "a", "b"], "regret": [4, 3, 2]})
    >>> by_tasks(table, ["budget"], ["regret"])[1][0].tolist()
    [[4.0, 2.0], [3.0, nan]]
    """
    rows = table.groupby(keys, sort=False).ngroup()
    tasks, names = pd.factorize(table["task"])
    known = table.loc[~rows.duplicated(), keys].reset_index(drop=True)
    arrays = []
    for column in columns:
        values = np.full((len(known), len(names)), np.nan)
        values[rows, tasks] = table[column]
        arrays.append(values)
    return known, arrays
