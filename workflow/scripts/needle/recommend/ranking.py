"""The ranking of a pool for the user's data, with all that is known of its models."""

import pandas as pd

from needle.base.errors import NeedleError
from needle.recommend.admission import nobody_left
from needle.recommend.reasons import why
from needle.scores.columns import DATA, LIST_COLUMNS, MODEL_COLUMNS, SPEED_COLUMNS
from needle.scores.known import known_of
from needle.strategies.labels import HYBRID
from needle.strategies.registry import practical

COUNTS = ["params", "embedding_dim", "upstream_examples"]


def rank_pool(
    models,
    points,
    seconds,
    strategy,
    budget,
    left_out,
    earlier=(),
    task_embeddings=None,
    errors=None,
):
    """Rank the models that may take part, and pick the first of them.

    Parameters
    ----------
    models : DataFrame
        Metadata as `score_table.read_models` gives it, in declared order, of all models of the zoo,
        with `SPEED_COLUMNS`.
    points : DataFrame
        Point values, index (task, model) with the task ``data``, one column per proxy.
    seconds : dict of str to float
        Seconds of embedding and proxies by model.
    strategy : str
    budget : int
        How many models to pick; fewer are picked where the strategy ranks fewer.
    left_out : dict of str to str
        Why a model may not take part, by model.
    earlier : iterable of Known, optional
        Earlier runs.
    task_embeddings : dict of str to numpy.ndarray, optional
        By task.
    errors : DataFrame, optional
        Standard errors of the proxies that are means over folds: index model, a column for each.

    Returns
    -------
    DataFrame
        Columns of recommendation/ranking.csv: the ranked models by rank, then those that the
        strategy cannot rank, then those left out.

    Raises
    ------
    NeedleError
        If no model may take part, or the strategy is skipped or can rank none.
    """
    pool = models.drop(list(left_out))
    if pool.empty:
        raise nobody_left(left_out)
    known = known_of(points, models, task_embeddings, earlier).before(DATA)
    searches = practical(points.columns)
    reasons = {name: each.skip(known) for name, each in searches.items()}
    rankings = {
        name: each.rank(pool, DATA, known) for name, each in searches.items() if not reasons[name]
    }
    ranked = [] if reasons[strategy] else rankings[strategy].models
    if not ranked:
        raise _cannot_rank(strategy, reasons[strategy] or rankings[strategy].reason, rankings)
    picks = ranked[:budget]
    order = [*ranked, *(model for model in pool.index if model not in ranked), *left_out]
    table = pd.DataFrame({"model": order}, index=order)
    table["rank"] = _places(ranked)
    table["picked"] = [model in picks for model in order]
    for proxy in points.columns:
        table[proxy] = points[proxy].loc[DATA]
    for name, ranking in rankings.items():
        table[f"{name}_rank"] = _places(ranking.models)
    for proxy in [] if errors is None else errors.columns:
        table[f"{proxy}_standard_error"] = errors[proxy]
    about = models.loc[order].assign(tags=[";".join(tags) for tags in models.loc[order, "tags"]])
    for column in ("reference_accuracy", "params", "embedding_dim", "license", "upstream_dataset",
                   "upstream_examples", "tags", *SPEED_COLUMNS):  # fmt: skip
        whole = column in COUNTS  # also beside missing ones
        table[column] = about[column].convert_dtypes() if whole else about[column]
    table["seconds"] = pd.Series(seconds, dtype=float)
    table["why"] = pd.Series({model: why(model, pool, DATA, known, strategy) for model in picks})
    table["left_out"] = pd.Series(left_out, dtype=object)
    return table.fillna({"why": "", "left_out": ""}).reset_index(drop=True)


def with_cards(models, cards):
    """Add the models that were left out before they were measured.

    Parameters
    ----------
    models : DataFrame
        As `rank_pool` takes it.
    cards : dict of str to dict
        Model cards by name.

    Returns
    -------
    DataFrame
        `models`, then a row for each card; what a card does not say is missing.
    """
    rows = [
        {column: card.get(column) for column in MODEL_COLUMNS}
        | {column: card.get(column) or [] for column in LIST_COLUMNS}
        | {"model": model}
        for model, card in cards.items()
    ]
    table = pd.DataFrame([*models.to_dict("records"), *rows], columns=models.columns)
    table = table.astype(dict.fromkeys([*COUNTS, "reference_accuracy"], float))
    return table.set_index("model", drop=False)


def _cannot_rank(strategy, reason, rankings):
    remedies = [name for name, ranking in rankings.items() if ranking.groups]
    advice = f"take another strategy: {', '.join(remedies)}" if remedies else "mend the pool"
    if strategy == "task-agnostic" or strategy.startswith(HYBRID):
        advice += ", or give reference_accuracy or upstream_examples in the model cards or file"
    return NeedleError(f"config: strategy: {strategy} ranks no model ({reason}); {advice}")


def _places(models):
    """Ranks from 1 on, by model; whole numbers also beside missing ones."""
    return pd.Series(range(1, len(models) + 1), index=models, dtype="Int64")
