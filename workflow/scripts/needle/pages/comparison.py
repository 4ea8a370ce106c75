"""The comparison of all strategies for reading: tables, and what they say in plain words."""

import html
import textwrap

import pandas as pd

from needle.pages.headline import incomplete, interval_cell, regret_cells
from needle.pages.page import items_part, page, table_part, text_table
from needle.regret.comparison import by_chance, is_complete
from needle.strategies.labels import strategy_label
from needle.strategies.registry import strategies

ORACLES = [name for name, strategy in strategies([]).items() if strategy.is_oracle]
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
        "verdict": rows["verdict"].mask(rows["strategy"] == baseline, "baseline"),
        "seconds": rows["seconds"].map(lambda value: "" if pd.isna(value) else f"{value:,.1f}"),
        "steps": rows["steps"].map(lambda value: "" if pd.isna(value) else f"{value:,.0f}"),
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
        f"Skipped: {_names(group['strategy'])}: {reason}"
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
    baseline, tasks, chance = rows["baseline"].iloc[0], rows["tasks"].max(), 1 - level
    enough = by_chance(tasks) <= chance
    lines = [_of_budget(budget, group, enough) for budget, group in rows.groupby("budget")]
    complete = rows[is_complete(rows)]
    known = complete.loc[complete["strategy"] == baseline, "budget"]
    compared = complete[complete["budget"].isin(known)].dropna(subset="difference_low")
    if compared.empty:
        return [
            *lines,
            "Nothing is compared: there is no proxy that ranks all tasks, or there are no two "
            "tasks.",
        ]
    if not enough:
        return [
            *lines,
            f"Nothing is called better or worse: one of two equal strategies is ahead on all of "
            f"{tasks} tasks with probability {by_chance(tasks):.2f}.",
        ]
    counts = compared["verdict"].value_counts()
    better, worse = (int(counts.get(verdict, 0)) for verdict in ("better", "worse"))
    lines.append(
        f"Of {len(compared)} comparisons with {strategy_label(baseline)}, {better + worse} have a "
        f"{level:.0%} interval that excludes 0 ({better} better, {worse} worse); if nothing "
        f"differed, chance would give about {chance * len(compared):.1f}."
    )
    return lines


def _of_budget(budget, rows, enough):
    """Name the best of a budget, and those that differ from the baseline."""
    known = rows[is_complete(rows)]
    if known.empty:
        return f"B = {budget}: no strategy ranks all tasks."
    best = known["mean_relative_regret"].min()
    winners = known.loc[known["mean_relative_regret"] == best, "strategy"]
    text = f"B = {budget}: lowest is {_names(winners)} with {100 * best:.1f}"
    baseline = rows["baseline"].iloc[0]
    mine = known.loc[known["strategy"] == baseline, "mean_relative_regret"]
    if len(mine):
        text += f"; {strategy_label(baseline)} has {100 * mine.iloc[0]:.1f}"
        for verdict in ("better", "worse") if enough else ():
            named = rows.loc[rows["verdict"] == verdict, "strategy"]
            text += f"; {verdict} than it: {_names(named) if len(named) else 'none'}"
    return f"{text}."


def _names(strategies):
    labels = [strategy_label(name) for name in strategies]
    if len(labels) > NAMED + 1:
        labels[NAMED:] = [f"{len(labels) - NAMED} more"]
    return " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]]))
