"""The page of budgets to zero regret."""

import html

from needle.pages.page import formatted, page, table_part
from needle.strategies.labels import strategy_label


def budget_page(budgets, labels, tasks):
    """Lay out the budget to zero regret by task, pool and strategy (the paper's tables 4 and 5).

    Parameters
    ----------
    budgets : DataFrame
        Columns of tables/budget_to_zero_regret.csv.
    labels : dict of str to str
        What a reader calls each pool.
    tasks : DataFrame
        Columns of tasks.csv.

    Returns
    -------
    str
        A page with a table for each pool; a cell is empty where the strategy never picks the best
        model.
    """
    parts = []
    for pool, label in labels.items():
        mine = budgets[budgets["pool"] == pool]
        cells = mine.assign(budget=formatted(mine["budget"], "{:.0f}")).pivot(
            index="task", columns="strategy", values="budget"
        )
        table = cells.reindex(index=tasks["task"], columns=mine["strategy"].unique()).fillna("")
        table.columns = table.columns.map(strategy_label)
        table.index = tasks["label"]
        parts += [f"<h4>{html.escape(label)}</h4>", table_part(table.rename_axis(columns=None))]
    title = "Budget to zero regret: how many models to fine-tune until the best is among them"
    return page(title, *parts)
