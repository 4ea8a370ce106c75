"""What the models that joined a run last have changed."""

from needle.base.formats import count, names, percent
from needle.pages.headline import interval_cell
from needle.pages.summary.words import NAMED, number
from needle.strategies.labels import strategy_label

MOST = 20  # rows of a table


def changes(tables, labels, shown, budgets):
    """Gather what a page says of the last addition.

    Parameters
    ----------
    tables : RunTables
    labels : dict of str to str
        What a reader calls each pool.
    shown : list of str
        Strategies.
    budgets : list of int

    Returns
    -------
    dict or None
        None if no model was added since the run was first finished.
    """
    first, *later = tables.additions
    if not later:
        return None
    *before, added = [first, *later]
    known = sum(map(len, before))
    there = f"{count(known, 'model')} that {'was' if known == 1 else 'were'} there before"
    best = tables.newly_best.assign(
        pool=tables.newly_best["pool"].map(labels),
        task=tables.newly_best["task"].map(tables.task_labels),
    )
    return {
        "title": f"What {number(len(added))} new model{'s' if len(added) > 1 else ''} changed",
        "lead": f"{names(added, NAMED)} joined the {there}.",
        "best": best[:MOST].to_dict("records"),
        "all_best": len(best),
        "oracles": _oracles(tables.without, labels),
        "budgets": [budget for budget in budgets if (tables.without["budget"] == budget).any()],
        "regrets": _regrets(tables.without, labels, shown, budgets),
    }


def _oracles(without, labels):
    """Say what the best model of each pool reaches with and without them."""
    lines = []
    for pool, rows in without.groupby("pool", sort=False):
        row = rows.iloc[0]
        now, then = percent(row["oracle"]), percent(row["oracle_without"])
        tasks = f"over {count(row['tasks'], 'task')}"
        lines.append(
            f"{labels[pool]}: the best model of each task still reaches {now} on average {tasks}."
            if row["oracle"] == row["oracle_without"]
            else f"{labels[pool]}: the best model of each task reaches {now} on average {tasks}, "
            f"without them {then}."
        )
    return lines


def _regrets(without, labels, shown, budgets):
    """Lay out the regret with and without them: rows by pool, strategy and budget."""
    rows = without[without["strategy"].isin(shown) & without["budget"].isin(budgets)]
    laid_out = {}
    for row in rows.to_dict("records"):
        pool = laid_out.setdefault(labels[row["pool"]], {})
        # As rounded, so that no zero has a sign.
        apart, *ends = (round(row[f"difference{end}"], 3) + 0.0 for end in ("", "_low", "_high"))
        sign = "+" if apart > 0 else ""
        of_strategy = pool.setdefault(strategy_label(row["strategy"]), {})
        of_strategy[row["budget"]] = row | {"apart": f"{sign}{interval_cell(apart, *ends)}"}
    return laid_out
