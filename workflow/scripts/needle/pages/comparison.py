"""The comparison of all strategies for reading: tables, and what they say in plain words."""

import html
import textwrap

import pandas as pd

from needle.base.formats import names
from needle.pages.headline import incomplete, interval_cell, regret_cells
from needle.pages.page import formatted, items_part, page, table_part, text_table
from needle.regret.comparison import ORACLES, is_complete
from needle.regret.paired_tests import fewest_tasks, least_p_value
from needle.strategies.labels import strategy_label

WIDTH = 100  # columns of a text
NAMED = 6  # strategies in a sentence


def comparison_text(table, gaps, labels, level):
    """Lay out the comparison as plain text.

    Parameters
    ----------
    table : DataFrame
        Columns of tables/strategies.csv.
    gaps : DataFrame
        Columns of tables/gaps.csv.
    labels : dict of str to str
        What a reader calls each pool.
    level : float
        Of the intervals.

    Returns
    -------
    str
    """
    parts = [_title(level) + ":", *wrapped_list(_notes(table, gaps))]
    for pool, mine in table.groupby("pool", sort=False):
        parts += [f"{labels[pool]}\n{'=' * len(labels[pool])}", *wrapped_list(reading(mine, level))]
        for budget, rows in mine.groupby("budget"):
            cells = comparison_cells(rows)
            parts.append(f"B = {budget}\n{text_table(cells)}")
    return "\n\n".join(parts) + "\n"


def comparison_page(table, gaps, labels, level):
    """Lay out the comparison as a page; parameters as in `comparison_text`."""
    parts = [items_part(_notes(table, gaps))]
    for pool, mine in table.groupby("pool", sort=False):
        parts += [f"<h3>{html.escape(labels[pool])}</h3>", items_part(reading(mine, level))]
        for budget, rows in mine.groupby("budget"):
            parts += [f"<h4>B = {budget}</h4>", table_part(comparison_cells(rows), index=False)]
    return page(_title(level), *parts)


def _title(level):
    return (
        "All strategies: mean relative regret in percent, lower is better "
        f"({level:.0%} interval over tasks)"
    )


def wrapped_list(lines):
    """Wrap sentences as the items of a list in plain text, one block; no block for none."""
    wrapped = [textwrap.fill(f"- {line}", WIDTH, subsequent_indent="  ") for line in lines]
    return ["\n".join(wrapped)] if lines else []


def comparison_cells(rows):
    """Arrange one pool and budget: regret, difference from the baseline, cost; all texts."""
    baseline = rows["baseline"].iloc[0]
    columns = {
        "strategy": rows["strategy"],
        "regret": regret_cells(rows),
        f"minus {baseline}": _intervals(rows, "difference", "difference_low", "difference_high"),
        "p (Holm)": formatted(rows["p_holm"], "{:.3f}"),
        "verdict": rows["verdict"].mask(rows["strategy"] == baseline, "baseline"),
        "seconds": formatted(rows["seconds"], "{:,.1f}"),
        "steps": formatted(rows["steps"], "{:,.0f}"),
    }
    cells = pd.DataFrame(columns).fillna("").astype(str)
    return cells.loc[:, (cells != "").any()]


def _intervals(rows, *columns):
    return [interval_cell(*values) for values in rows[list(columns)].to_numpy()]


def _notes(table, gaps):
    return [*incomplete(table, table["budget"]), *skipped_lines(gaps)]


def skipped_lines(gaps):
    """Say which strategies were skipped and why, one line for each reason."""
    skipped = gaps[gaps["kind"] == "skipped strategy"]
    return [
        f"Skipped: {_labels(group['strategy'])}: {reason}"
        for reason, group in skipped.groupby("reason", sort=False)
    ]


def reading(rows, level):
    """Say in plain words what the comparison within a pool shows and what it does not.

    Parameters
    ----------
    rows : DataFrame
        Columns of tables/strategies.csv, of one pool.
    level : float

    Returns
    -------
    list of str
        Sentences; of many strategies the first are named.
    """
    rows = rows[~rows["strategy"].isin(ORACLES)]  # nobody can follow them
    alpha = 1 - level
    compared = rows.dropna(subset="p_holm")
    needed = least_p_value(rows["tasks"].max()) * len(compared)
    enough = 0 < needed < alpha
    lines = [_of_budget(budget, each, enough) for budget, each in rows.groupby("budget")]
    if compared.empty:
        return [*lines, "Nothing is compared: there is no proxy that ranks all tasks."]
    if needed >= alpha:
        return [*lines, _out_of_reach(rows["tasks"].max(), len(compared), alpha)]
    counts = compared["verdict"].value_counts()
    better, worse = (int(counts.get(verdict, 0)) for verdict in ("better", "worse"))
    before = (compared["p_value"] < alpha).sum()
    lines.append(
        f"Of {len(compared)} comparisons with {strategy_label(rows['baseline'].iloc[0])}, "
        f"{better + worse} have a p-value below {alpha:.2g} after Holm's correction for their "
        f"number ({better} better, {worse} worse); {before} have one before it, of which chance "
        f"alone would give up to about {alpha * len(compared):.1f}."
    )
    return lines


def _out_of_reach(tasks, comparisons, alpha):
    """Say that no comparison can be significant, and how many tasks that would take."""
    needed = fewest_tasks(comparisons, alpha)
    more = f"; it would take {needed} tasks" if needed else ""
    return (
        f"Nothing can be called better or worse: on {tasks} tasks no p-value is below "
        f"{least_p_value(tasks):.2g}, and of {comparisons} comparisons Holm's correction asks for "
        f"one below {alpha / comparisons:.2g}{more}."
    )


def _of_budget(budget, rows, enough):
    """Name the best of a budget, and those that differ from the baseline."""
    known = rows[is_complete(rows)]
    if known.empty:
        return f"B = {budget}: no strategy ranks all tasks."
    best = known["mean_relative_regret"].min()
    winners = known.loc[known["mean_relative_regret"] == best, "strategy"]
    text = f"B = {budget}: lowest is {_labels(winners)} with {100 * best:.1f}"
    baseline = rows["baseline"].iloc[0]
    mine = known.loc[known["strategy"] == baseline, "mean_relative_regret"]
    if len(mine):
        text += f"; {strategy_label(baseline)} has {100 * mine.iloc[0]:.1f}"
        for verdict in ("better", "worse") if enough else ():
            named = rows.loc[rows["verdict"] == verdict, "strategy"]
            text += f"; {verdict} than it: {_labels(named) if len(named) else 'none'}"
    return f"{text}."


def _labels(strategies):
    return names(map(strategy_label, strategies), most=NAMED)
