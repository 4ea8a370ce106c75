"""How well each proxy orders the models of a pool, beside the regret of trusting it."""

import numpy as np
import pandas as pd
from scipy.stats import kendalltau, weightedtau

from needle.scores.known import is_proxy
from needle.scores.protocols import FINETUNE

CORRELATION_COLUMNS = ["pool", "proxy", "task", "models", "pearson", "kendall", "weighted_kendall"]
FEWEST = 3  # models; two are always perfectly correlated


def correlation_table(members, points, regret):
    """Correlate every proxy with fine-tune accuracy, over the models of a pool, task by task.

    Parameters
    ----------
    members : dict of str to list of str
        Models of every pool.
    points : DataFrame
        Point values, index (task, model).
    regret : DataFrame
        Columns of regret.csv.

    Returns
    -------
    DataFrame
        Columns of tables/correlation.csv. ``models`` counts those that have both values; the
        coefficients are those of `correlate`. ``absolute_regret`` and ``relative_regret`` are of
        the proxy's own strategy at budget 1, NaN where that has none.
    """
    tasks = points.index.unique("task")
    by_score = {
        score: points[score].unstack("model").reindex(tasks)
        for score in points
        if score == FINETUNE or is_proxy(score)
    }
    accuracies = by_score.pop(FINETUNE)
    rows = []
    for pool, models in members.items():
        reached = accuracies.reindex(columns=models).to_numpy()
        for proxy, scores in by_score.items():
            values = scores.reindex(columns=models).to_numpy()
            for task, x, y in zip(tasks, reached, values, strict=True):
                both = ~np.isnan(x) & ~np.isnan(y)
                rows.append((pool, proxy, task, both.sum(), *correlate(x[both], y[both])))
    table = pd.DataFrame(rows, columns=CORRELATION_COLUMNS)
    first = regret.loc[regret["budget"] == 1].rename(columns={"strategy": "proxy"})
    keys = ["pool", "proxy", "task"]
    return table.merge(first[[*keys, "absolute_regret", "relative_regret"]], how="left", on=keys)


def correlate(accuracies, scores):
    """Compute three coefficients of correlation.

    Parameters
    ----------
    accuracies, scores : numpy.ndarray, shape (n,)
        Without NaN.

    Returns
    -------
    tuple of float
        Pearson's r; Kendall's tau-b; weighted Kendall's tau (Vigna, WWW 2015), by which LogME
        (arXiv 2110.10545) judges proxies, with SciPy's default weights: an exchange of two models
        weighs 1 / r + 1 / s for their ranks r and s, counted from 1 for the best, and the result
        is the mean of ranking by accuracy and of ranking by score. It is symmetric. NaN for fewer
        than three models and where either side is constant.

    Examples
    --------
    >>> [float(round(value, 3)) for value in correlate(np.array([1, 2, 3]), np.array([1, 3, 2]))]
    [0.5, 0.333, 0.182]
    """
    if len(accuracies) < FEWEST or np.ptp(accuracies) == 0 or np.ptp(scores) == 0:
        return np.nan, np.nan, np.nan
    return (
        np.corrcoef(accuracies, scores)[0, 1],
        kendalltau(accuracies, scores).statistic,
        weightedtau(accuracies, scores).statistic,
    )
