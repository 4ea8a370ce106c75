"""The headline table: mean relative regret by pool, strategy and budget, for reading."""

from needle.pages.page import items_part, page, text_table

NAMED = 3  # models in a note


def headline_cells(mean_regret, labels, budgets):
    """Arrange mean relative regret in percent with its interval.

    Parameters
    ----------
    mean_regret : DataFrame
        Columns of tables/mean_regret.csv.
    labels : dict of str to str
        What a reader calls each pool.
    budgets : list of int
        Those to show; a pool smaller than a budget has an empty cell there.

    Returns
    -------
    DataFrame
        Index (pool, strategy), one column ``B = b`` per budget.
    """
    shown = mean_regret[mean_regret["budget"].isin(budgets)].copy()
    shown["cell"] = [
        interval_cell(*row) for row in shown[["mean_relative_regret", "low", "high"]].to_numpy()
    ]
    shown["pool"] = shown["pool"].map(labels)
    order = list(dict.fromkeys(zip(shown["pool"], shown["strategy"], strict=True)))
    table = shown.pivot(index=["pool", "strategy"], columns="budget", values="cell")
    table = table.reindex(order).fillna("")
    return table.rename(columns="B = {}".format).rename_axis(columns=None)


def interval_cell(mean, low, high):
    """Write a fraction and its interval in percent; empty for NaN.

    Examples
    --------
    >>> interval_cell(0.065, 0.02, 0.1)
    '6.5 [2.0, 10.0]'
    """
    if mean != mean:
        return ""
    return f"{100 * mean:.1f}" + (f" [{100 * low:.1f}, {100 * high:.1f}]" if low == low else "")


def headline_text(mean_regret, labels, budgets, level, notes):
    """Lay out the headline table and the notes on what is missing as plain text."""
    table = headline_cells(mean_regret, labels, budgets).reset_index()
    table["pool"] = table["pool"].mask(table["pool"].duplicated(), "")
    return "\n".join([f"{_title(level)}:", "", text_table(table), "", *notes, ""])


def headline_html(mean_regret, labels, budgets, level, notes):
    """Lay out the headline table and the notes on what is missing as a page."""
    body = headline_cells(mean_regret, labels, budgets).to_html(border=0)
    return page(_title(level), body, items_part(notes))


def _title(level):
    return (
        "Mean relative regret in percent, lower is better "
        f"({level:.0%} interval over tasks in brackets)"
    )


def gap_lines(gaps, labels, tasks):
    """Say in words what is missing, one line for each thing, with its tasks together.

    Parameters
    ----------
    gaps : DataFrame
        Columns of tables/gaps.csv.
    labels : dict of str to str
        What a reader calls each pool.
    tasks : int
        Number of tasks of the run.

    Returns
    -------
    list of str
        Of many models the first are named; tables/gaps.csv names all.
    """
    lines = []
    columns = ["kind", "pool", "strategy", "model", "reason"]
    for (kind, pool, strategy, model, reason), group in gaps.groupby(columns, sort=False):
        subject = " ".join(filter(None, [model or labels.get(pool, pool), strategy]))
        named = [task for task in group["task"] if task]
        where = f" on {'all tasks' if len(named) == tasks else ', '.join(named)}" if named else ""
        lines.append(f"{subject}: {kind}{where} ({_shorten(reason)})")
    return lines


def _shorten(reason):
    names = reason.split(", ")
    if len(names) <= NAMED + 1:
        return reason
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
