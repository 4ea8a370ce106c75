"""The values that the paper prints or plots, beside those of the run."""

import numpy as np
import pandas as pd

from needle.base.deltas import log_odds_delta, relative_delta
from needle.base.errors import NeedleError
from needle.strategies.registry import strategies
from needle.tables.dimension import best_by_dimension

TEXT_KEYS = ["quantity", "pool", "strategy", "second", "task"]
NUMBER_KEYS = ["budget", "embedding_dim"]
KEYS = ["quantity", "pool", "strategy", "second", "budget", "embedding_dim", "task"]
FILE_COLUMNS = ["figure", *KEYS, "value"]
PAPER_COLUMNS = ["figure", *KEYS, "paper", "run", "difference"]
# The keys that each quantity has; the others are empty.
QUANTITIES = {
    "relative_regret": ["pool", "strategy", "budget", "task"],
    "logodds_regret": ["pool", "strategy", "budget", "task"],
    "relative_delta": ["pool", "strategy", "second", "budget", "task"],
    "logodds_delta": ["pool", "strategy", "second", "budget", "task"],
    "optimal_share": ["pool", "strategy", "budget"],
    "budget_to_zero_regret": ["pool", "strategy", "task"],
    "oracle_accuracy": ["pool", "task"],
    "lower_quartile": ["pool", "task"],
    "median": ["pool", "task"],
    "upper_quartile": ["pool", "task"],
    "top_accuracy": ["pool", "strategy", "task"],
    "best_knn": ["pool", "strategy", "embedding_dim", "task"],
}
QUANTILES = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "oracle_accuracy": 1}
KNN = "knn"


def read_paper(path):
    """Read a file of the paper's values.

    Parameters
    ----------
    path : path
        CSV file with the columns figure, quantity, pool, strategy, second, budget, embedding_dim,
        task, value.

    Returns
    -------
    DataFrame
        These columns: absent texts are empty, budget and embedding_dim are Int64.

    Raises
    ------
    NeedleError
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False).fillna("")
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise NeedleError(f"{path}: not a readable CSV file in UTF-8 ({reason})") from error
    if list(table.columns) != FILE_COLUMNS:
        raise NeedleError(f"{path}: its columns are not {', '.join(FILE_COLUMNS)}")
    for number, row in enumerate(table.to_dict("records"), start=2):
        _check(f"{path}: line {number}", row)
    numbers = {column: table[column].replace("", pd.NA).astype("Int64") for column in NUMBER_KEYS}
    return table.assign(**numbers, value=table["value"].astype(float))


def _check(where, row):
    if row["quantity"] not in QUANTITIES:
        raise NeedleError(
            f"{where}: unknown quantity {row['quantity']!r}; allowed: {', '.join(QUANTITIES)}"
        )
    needed = QUANTITIES[row["quantity"]]
    for column in KEYS[1:]:
        if (row[column] != "") != (column in needed):
            wrong = "is missing" if column in needed else "must be empty"
            raise NeedleError(
                f"{where}: {column} {wrong}; {row['quantity']} has {', '.join(needed)}"
            )
    for column in NUMBER_KEYS:
        if row[column] and not (row[column].isdecimal() and int(row[column])):
            raise NeedleError(f"{where}: {column} {row[column]!r} is not a number from 1 on")
    try:
        finite = np.isfinite(float(row["value"]))
    except ValueError:
        finite = False
    if not finite:
        raise NeedleError(f"{where}: value {row['value']!r} is not a number; remove the line")


def paper_table(paper, tasks, members, models, points, regret, optimal_picks, budgets):
    """Set every value of the paper that the run can have beside the run's.

    Parameters
    ----------
    paper : DataFrame
        As `read_paper` gives it.
    tasks : list of str
        Tasks of the run.
    members : dict of str to list of str
        Models of every pool.
    models : DataFrame
        As `score_table.read_models` gives it.
    points : DataFrame
        Point values, index (task, model).
    regret, optimal_picks, budgets : DataFrame
        Columns of regret.csv, tables/optimal_picks.csv and tables/budget_to_zero_regret.csv.

    Returns
    -------
    DataFrame
        Columns of tables/paper_vs_run.csv: rows of the paper whose pool and task the run has.
        What depends on all tasks needs a run with every task of the paper: shares of tasks, and
        all of a strategy that ranks by other tasks' accuracies. ``run`` is NaN where the run lacks
        the strategy or the budget.
    """
    paper = paper[_is_shared(paper, tasks, members)].rename(columns={"value": "paper"})
    run = pd.concat(
        [
            _regret_values(regret),
            _delta_values(regret, paper),
            optimal_picks.rename(columns={"optimal_share": "run"}).assign(quantity="optimal_share"),
            budgets.rename(columns={"budget": "run"}).assign(quantity="budget_to_zero_regret"),
            _accuracy_values(members, points),
            _knn_values(members, models, points),
        ]
    )
    run = run.fillna(dict.fromkeys(TEXT_KEYS, "")).reindex(columns=[*KEYS, "run"])
    run = run.astype(dict.fromkeys(NUMBER_KEYS, "Int64") | {"run": float})
    table = paper.merge(run, how="left", on=KEYS, validate="many_to_one")
    return table.assign(difference=table["run"] - table["paper"])[PAPER_COLUMNS]


def _is_shared(paper, tasks, members):
    shared = paper["pool"].isin(list(members)) & paper["task"].isin([*tasks, ""])
    if set(paper["task"]) <= {*tasks, ""}:
        return shared
    oracles = [name for name, strategy in strategies([]).items() if strategy.is_oracle]
    over_tasks = paper[["strategy", "second"]].isin(oracles).any(axis=1) | (paper["task"] == "")
    return shared & ~over_tasks


def _regret_values(regret):
    keys = ["pool", "strategy", "budget", "task"]
    quantities = ["relative_regret", "logodds_regret"]
    top = regret[regret["budget"] == 1].drop(columns="budget").rename(columns={"achieved": "run"})
    return pd.concat(
        [
            regret.melt(keys, quantities, var_name="quantity", value_name="run"),
            top[["pool", "strategy", "task", "run"]].assign(quantity="top_accuracy"),
        ]
    )


def _delta_values(regret, paper):
    """Compare the pairs of strategies that the paper compares, at its budgets."""
    functions = {"relative_delta": relative_delta, "logodds_delta": log_odds_delta}
    keys = ["pool", "strategy", "budget", "task"]
    achieved = regret.set_index(keys)["achieved"]
    pairs = paper[paper["quantity"].isin(list(functions))]
    columns = ["pool", "strategy", "second", "budget", "task"]
    pairs = pairs[columns].drop_duplicates().astype({"budget": int})
    first, second = (
        achieved.reindex(pd.MultiIndex.from_frame(pairs[["pool", side, "budget", "task"]]))
        for side in ("strategy", "second")
    )
    return pd.concat(
        [
            pairs.assign(quantity=quantity, run=delta(first, second))
            for quantity, delta in functions.items()
        ]
    )


def _accuracy_values(members, points):
    accuracies = points["finetune"].unstack("model")
    tables = []
    for pool, models in members.items():
        reached = accuracies.reindex(columns=models)
        tables += [
            pd.DataFrame({"task": reached.index, "run": reached.quantile(share, axis=1).to_numpy()})
            .assign(quantity=quantity, pool=pool)
            for quantity, share in QUANTILES.items()
        ]  # fmt: skip
    return pd.concat(tables)


def _knn_values(members, models, points):
    """Find the best kNN score of every embedding dimension of a pool."""
    if KNN not in points:
        return pd.DataFrame(columns=KEYS)
    tables = [
        best_by_dimension(models.loc[names], points, KNN)
        .rename(columns={"best": "run"})
        .assign(quantity="best_knn", pool=pool, strategy=KNN)
        for pool, names in members.items()
    ]
    return pd.concat(tables)
