"""What a claim about strategies rests on, for reading: static and level pools, hidden models."""

import html

import pandas as pd

from needle.pages.comparison import wrapped_list
from needle.pages.headline import interval_cell
from needle.pages.page import items_part, page, table_part, text_table
from needle.regret.hidden_models import BEST, FAMILY, MODEL, NOTHING, PAIRS, is_too_large
from needle.strategies.labels import strategy_label

TITLE = "What a claim rests on: mean relative regret in percent, lower is better"
NO_INTERVAL = float("nan"), float("nan")
COLUMNS = {
    NOTHING: "nothing hidden",
    MODEL: "each model in turn",
    FAMILY: "each family in turn",
    BEST: "the task's best model",
}


def claims_text(parts):
    """Lay out what claims rest on as plain text.

    Parameters
    ----------
    parts : list of tuple of str, list of str and list of tuple of str and DataFrame
        What `claims` gives.

    Returns
    -------
    str
    """
    blocks = [f"{TITLE}:"]
    for label, lines, tables in parts:
        blocks += [f"{label}\n{'=' * len(label)}", *wrapped_list(lines)]
        blocks += [f"{title}\n{text_table(cells)}" for title, cells in tables]
    return "\n\n".join(blocks) + "\n"


def claims_page(parts):
    """Lay out what claims rest on as a page; parameters as in `claims_text`."""
    blocks = []
    for label, lines, tables in parts:
        blocks += [f"<h3>{html.escape(label)}</h3>", items_part(lines)]
        for title, cells in tables:
            blocks += [f"<h4>{html.escape(title)}</h4>", table_part(cells, index=False)]
    return page(TITLE, *blocks)


def claims(labels, models, members, staticness, level, hidden):
    """Say for every pool, level pools among them, what a claim about it rests on.

    Parameters
    ----------
    labels : dict of str to str
        What a reader calls each pool.
    models : DataFrame
        As `score_table.read_models` gives it.
    members : dict of str to list of str
    staticness, level, hidden : DataFrame
        Columns of tables/staticness.csv, level_pools.csv and hidden_models.csv.

    Returns
    -------
    list of tuple of str, list of str and list of tuple of str and DataFrame
        By pool: what a reader calls it, sentences, and tables of texts with their titles.
    """
    reasons = level.loc[level["reason"] != "", ["pool", "reason"]].to_numpy()
    parts = []
    for pool, label in labels.items():
        rows = staticness[staticness["pool"] == pool]
        if pool not in members or rows.empty:
            why = [reason for name, reason in reasons if name == pool]
            parts += [(label, [f"There is no level pool: {reason}."], []) for reason in why]
            continue
        new = hidden[hidden["pool"] == pool]
        lines = [_size(models.loc[members[pool]], rows), *_means_explain(rows)]
        if new.empty:
            lines.append(_none_hidden(rows["models"].iloc[0], rows["tasks"].iloc[0]))
        tables = [("One order for all tasks, in hindsight", static_cells(rows))]
        tables += [
            (f"B = {budget}: with models hidden as if they were new", hidden_cells(mine))
            for budget, mine in new.groupby("budget")
        ]
        parts.append((label, lines, tables))
    return parts


def _size(pool, rows):
    """Count the models, and name their families."""
    families = pool["family"].dropna().value_counts()
    named = ", ".join(f"{name} {count}" for name, count in families.items())
    unknown = f", unknown {len(pool) - families.sum()}" if families.sum() < len(pool) else ""
    noun = "family" if len(families) == 1 else "families"
    of = f" of {len(families)} {noun} ({named}{unknown})" if named else " of unknown families"
    return f"{len(pool)} models{of} on {rows['tasks'].iloc[0]} tasks."


def _means_explain(rows):
    share, chance = rows[["explained", "explained_by_chance"]].iloc[0]
    if share != share:
        return []
    return [
        f"The models' means explain {share:.0%} of the variance of fine-tuning within tasks; "
        f"chance alone would give {chance:.0%}."
    ]


def _none_hidden(models, tasks):
    if is_too_large(models, tasks):
        why = f"{models * tasks:,} pairs of model and task are more than {PAIRS:,}"
    elif models == 1:
        why = "there is nothing to choose"
    else:
        why = "no strategy of the run learns from other tasks"
    return f"No model is hidden: {why}."


def static_cells(rows):
    """Arrange the best static order beside the best strategy; all texts.

    Parameters
    ----------
    rows : DataFrame
        Columns of tables/staticness.csv, of one pool.
    """
    best = [
        f"{strategy_label(name)}: {interval_cell(regret, *NO_INTERVAL)}" if name else ""
        for name, regret in rows[["best_strategy", "best_regret"]].to_numpy()
    ]
    added = rows["static_order"].str.rpartition(";")[2]
    columns = {
        "B": rows["budget"].astype(str),
        "adds": added,
        "best static order": [interval_cell(each, *NO_INTERVAL) for each in rows["static_regret"]],
        "best strategy": best,
    }
    return pd.DataFrame(columns)


def hidden_cells(rows):
    """Arrange regrets by what is hidden, side by side; all texts.

    Parameters
    ----------
    rows : DataFrame
        Columns of tables/hidden_models.csv, of one pool and budget.
    """
    cells = {"strategy": pd.Series({name: name for name in rows["strategy"]})}
    for hidden, label in COLUMNS.items():
        mine = rows[rows["hidden"] == hidden].set_index("strategy")
        values = mine[["mean_relative_regret", "low", "high"]].to_numpy(float)
        cells[label] = pd.Series([interval_cell(*each) for each in values], mine.index, dtype=str)
    table = pd.DataFrame(cells).loc[list(cells["strategy"])].fillna("")
    return table.loc[:, (table != "").any()]
