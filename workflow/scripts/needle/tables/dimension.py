"""The best of a score among the models of each embedding dimension."""

import numpy as np
import pandas as pd


def best_by_dimension(models, points, score):
    """Take the best score of every embedding dimension, task by task (the paper's figure 23).

    Parameters
    ----------
    models : DataFrame
        As `score_table.read_models` gives it; the others of `points` are left out.
    points : DataFrame
        Point values, index (task, model).
    score : str

    Returns
    -------
    DataFrame
        Columns task, embedding_dim, models, best; dimensions in ascending order. ``models`` counts
        those that have the score; a dimension without any has no row.
    """
    known = points[score].rename("best").reset_index()
    known["embedding_dim"] = known["model"].map(models["embedding_dim"].astype(float))
    known = known.dropna().astype({"embedding_dim": int})
    by_task, _ = pd.factorize(known["task"])
    groups = known.iloc[np.lexsort([known["embedding_dim"], by_task])].groupby(
        ["task", "embedding_dim"], sort=False
    )
    return groups["best"].agg(models="count", best="max").reset_index()
