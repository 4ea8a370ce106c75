"""How static a pool is: how much of fine-tuning one order of its models for all tasks explains."""

import numpy as np
import pandas as pd

from needle.regret.comparison import ORACLES, is_complete
from needle.regret.formulas import best_by_budget, relative_regret

STATICNESS_COLUMNS = [
    "pool",
    "budget",
    "tasks",
    "models",
    "explained",
    "explained_by_chance",
    "static_order",
    "static_regret",
    "best_strategy",
    "best_regret",
]


def explained_by_means(accuracies):
    """Compute how much of the variance within tasks the means of the models explain.

    The task's mean is taken off each accuracy; the share is the sum of squares between models over
    the whole sum (a one-way analysis of variance, eta squared).

    Parameters
    ----------
    accuracies : array_like, shape (T, M)
        NaN where a model has none.

    Returns
    -------
    share : float
        1 if all tasks rank and space the models alike; NaN if no two models of a task differ.
    by_chance : float
        Its expectation if each task's accuracies fell to its models at random: 1 / T without gaps.

    Examples
    --------
    >>> [round(each, 3) for each in explained_by_means([[0.1, 0.3], [0.5, 0.7], [0.4, 0.2]])]
    [0.111, 0.333]
    """
    accuracies = np.asarray(accuracies, float)
    known = ~np.isnan(accuracies)
    values = np.where(known, accuracies, 0)
    counts = known.sum(axis=1, keepdims=True)
    means = values.sum(axis=1, keepdims=True) / np.maximum(counts, 1)
    centred = np.where(known, values - means, 0)
    squares = centred**2
    tasks_of_model = np.maximum(known.sum(axis=0), 1)
    total = squares.sum()
    if np.allclose(centred, 0, atol=1e-12):
        return np.nan, np.nan
    between = (centred.sum(axis=0) ** 2 / tasks_of_model).sum()
    # The square of a sum of independent draws of mean 0 has the sum of their variances.
    variances = squares.sum(axis=1, keepdims=True) / np.maximum(counts, 1)
    drawn = ((variances * known).sum(axis=0) / tasks_of_model).sum()
    return float(between / total), float(drawn / total)


def static_order(accuracies, length):
    """Order models for all tasks at once, in hindsight, each to lower mean relative regret most.

    Parameters
    ----------
    accuracies : numpy.ndarray, shape (T, M)
        NaN where a model has none; no row without any.
    length : int
        At most M.

    Returns
    -------
    list of int
        Positions; of equally good models the first. The first pick is the best there is where no
        accuracy is missing; later ones are greedy. Where none of the picks has an accuracy, the
        task counts with the regret of one drawn at random.

    Examples
    --------
    >>> static_order(np.array([[0.9, 0.8], [0.1, 0.8]]), 2)
    [1, 0]
    """
    oracles = np.nanmax(accuracies, axis=1, keepdims=True)
    regrets = relative_regret(oracles, accuracies)
    random = relative_regret(oracles, np.nanmean(accuracies, axis=1, keepdims=True))
    left, order = np.full(random.shape, np.nan), []
    for _ in range(length):
        after = np.fmin(left, regrets)
        means = np.where(np.isnan(after), random, after).mean(axis=0)
        means[order] = np.inf
        order.append(int(np.argmin(means)))
        left = after[:, order[-1:]]
    return order


def static_regrets(accuracies, order):
    """Compute the mean relative regret of one order for all tasks.

    Parameters
    ----------
    accuracies : numpy.ndarray, shape (T, M)
        As in `static_order`.
    order : list of int
        Read as any ranking: models without an accuracy are passed over, and where it ends early the
        rest is drawn at random.

    Returns
    -------
    numpy.ndarray, shape (M,)
        Entry B - 1 is for budget B.
    """
    regrets = [
        relative_regret(np.nanmax(row), best_by_budget(row, [m for m in order if row[m] == row[m]]))
        for row in accuracies
    ]
    return np.mean(regrets, axis=0)


def staticness_table(members, points, compared, budgets):
    """Set the best static order in hindsight beside the best strategy that is no oracle.

    Parameters
    ----------
    members : dict of str to list of str
    points : DataFrame
        Point values, index (task, model).
    compared : DataFrame
        Columns of tables/strategies.csv.
    budgets : list of int

    Returns
    -------
    DataFrame
        Columns of tables/staticness.csv. ``best_strategy`` has the lowest mean relative regret of
        those that rank all tasks, the first of several; chosen in hindsight too.
    """
    wide = points["finetune"].unstack("model")
    ranked = compared[is_complete(compared) & ~compared["strategy"].isin(ORACLES)]
    firsts = ranked.groupby(["pool", "budget"])[["strategy", "mean_relative_regret"]].first()
    rows = []
    for pool, names in members.items():
        accuracies = wide.reindex(columns=names).dropna(how="all").to_numpy(float)
        if not len(accuracies):
            continue
        shown = [budget for budget in sorted(budgets) if budget <= len(names)]
        order = static_order(accuracies, max(shown, default=0))
        regrets = static_regrets(accuracies, order)
        explained = explained_by_means(accuracies)
        for budget in shown:
            picks = ";".join(names[place] for place in order[:budget])
            best = firsts.loc[(pool, budget)] if (pool, budget) in firsts.index else ("", np.nan)
            rows.append(
                (pool, budget, *accuracies.shape, *explained, picks, regrets[budget - 1], *best)
            )
    return pd.DataFrame(rows, columns=STATICNESS_COLUMNS)
