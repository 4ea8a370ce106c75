"""The headline table: mean relative regret by pool, strategy and budget, for reading."""

from needle.pages.page import items_part, page, text_table

NAMED = 3  # models or tasks in a note


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
    shown["cell"] = regret_cells(shown)
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


def regret_cells(rows):
    """Write mean relative regrets, with the number of tasks behind those that rank not all.

    Parameters
    ----------
    rows : DataFrame
        Columns of tables/mean_regret.csv or tables/strategies.csv.

    Returns
    -------
    list of str
        Such as ``6.5 [2.0, 10.0]``, or ``6.5 [2.0, 10.0] (8 of 11)``: on 3 of 11 tasks the strategy
        ranks too few models, and picks at random.
    """
    values = rows[["mean_relative_regret", "low", "high"]].to_numpy()
    counts = rows[["ranked", "tasks"]].to_numpy()
    return [
        interval_cell(*regret) + (f" ({ranked} of {tasks})" if ranked < tasks else "")
        for regret, (ranked, tasks) in zip(values, counts, strict=True)
    ]


def headline_text(mean_regret, labels, budgets, level, notes):
    """Lay out the headline table and the notes on what is missing as plain text."""
    table = headline_cells(mean_regret, labels, budgets).reset_index()
    table["pool"] = table["pool"].mask(table["pool"].duplicated(), "")
    lines = [f"{_title(level)}:", "", text_table(table), "", *incomplete(mean_regret, budgets)]
    return "\n".join([*lines, *notes, ""])


def headline_html(mean_regret, labels, budgets, level, notes):
    """Lay out the headline table and the notes on what is missing as a page."""
    body = headline_cells(mean_regret, labels, budgets).to_html(border=0)
    return page(_title(level), body, items_part([*incomplete(mean_regret, budgets), *notes]))


def incomplete(table, budgets):
    """Explain the numbers of tasks behind a mean, where a table shows any; a list of str."""
    shown = table[table["budget"].isin(budgets)]
    short = shown[shown["ranked"] < shown["tasks"]]
    if short.empty:
        return []
    ranked, tasks = short[["ranked", "tasks"]].iloc[0]
    return [
        f"({ranked} of {tasks}): all means are over the same {tasks} tasks, but this strategy "
        f"ranks enough models on {ranked} of them only and picks the rest at random; it is not "
        "called lowest, better or worse."
    ]


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
        Where many models or pools lack the same, one line counts them. Of many names the first are
        there; tables/gaps.csv has all.
    """
    gaps = gaps.assign(lack=gaps["reason"].str.split(": ", n=1).str[0])
    lines = []
    for (kind, strategy, lack), alike in gaps.groupby(["kind", "strategy", "lack"], sort=False):
        things = list(alike.groupby(["pool", "model", "reason"], sort=False))
        if len(things) > NAMED:
            where = _where(alike["task"], tasks)
            lines.append(f"{_count(alike, strategy)}: {kind}{where} ({lack})")
            continue
        for (pool, model, reason), group in things:
            subject = " ".join(filter(None, [model or labels.get(pool, pool), strategy]))
            where = _where(group["task"], tasks)
            lines.append(f"{subject}: {kind}{where} ({_shorten(reason)})")
    return lines


def _count(gaps, strategy):
    """Count the models that lack the same, or else the pools."""
    counts = gaps[["model", "pool"]].replace("", None).nunique()
    counted = [f"{count} {name}s" for name, count in counts.items() if count][:1]
    return " ".join(filter(None, [*counted, strategy]))


def _where(named, tasks):
    """Name the tasks of a gap."""
    named = [task for task in named.unique() if task]
    if not named:
        return ""
    return " on all tasks" if len(named) == tasks else f" on {_shorten(', '.join(named))}"


def _shorten(reason):
    names = reason.split(", ")
    if len(names) <= NAMED + 1:
        return reason
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
