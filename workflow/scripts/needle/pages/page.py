"""Tables as HTML pages for readers."""

import html

import pandas as pd

from needle.strategies.labels import strategy_label

TOLERANCE = 2e-3  # what reading a value off a figure may cost
STYLE = (
    "body{font:15px sans-serif;margin:1.5em}td,th{padding:.2em .6em;text-align:left}"
    "thead{border-bottom:1px solid #999}table{border-collapse:collapse}"
    "tbody th[rowspan]{vertical-align:top}"
)


def page(title, *parts):
    """Frame a page.

    Parameters
    ----------
    title : str
        Plain text.
    *parts : str
        HTML, one below the other.

    Returns
    -------
    str
    """
    return (
        f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
        f"<h3>{html.escape(title)}</h3>{''.join(parts)}\n"
    )


def table_part(table, index=True):
    """Lay out a table of texts as a part of a page."""
    return table.to_html(border=0, index=index, index_names=False)


def models_page(models, members, labels):
    """Lay out what is known of the models (the paper's tables 1 to 3).

    Parameters
    ----------
    models : DataFrame
        As `scores.read_models` gives it.
    members : dict of str to list of str
        Models of every pool.
    labels : dict of str to str
        What a reader calls each pool.

    Returns
    -------
    str
        A page; what is known of no model has no column.
    """
    table = pd.DataFrame(
        {
            "Model": models["model"],
            "Architecture": _format(models["architecture"], "{}"),
            "Embedding dimension": _format(models["embedding_dim"], "{:.0f}"),
            "Parameters": _format(models["params"], "{:,.0f}"),
            "Reference accuracy (%)": _format(100 * models["reference_accuracy"], "{:.1f}"),
            "Upstream data": _format(models["upstream_dataset"], "{}"),
            "Tags": models["tags"].map(", ".join),
            "Licence": _format(models["license"], "{}"),
            "Pools": [
                ", ".join(labels[pool] for pool, names in members.items() if model in names)
                for model in models["model"]
            ],
        }
    )
    known = table.loc[:, (table != "").any()]
    return page("Models of this run", table_part(known, index=False))


def _format(values, pattern):
    return values.map(lambda value: "" if pd.isna(value) else pattern.format(value)).astype(str)


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
        cells = mine.assign(budget=_format(mine["budget"], "{:.0f}")).pivot(
            index="task", columns="strategy", values="budget"
        )
        table = cells.reindex(index=tasks["task"], columns=mine["strategy"].unique()).fillna("")
        table.columns = table.columns.map(strategy_label)
        table.index = tasks["label"]
        parts += [f"<h4>{html.escape(label)}</h4>", table_part(table.rename_axis(columns=None))]
    title = "Budget to zero regret: how many models to fine-tune until the best is among them"
    return page(title, *parts)


def agrees(comparison):
    """Tell which values of the run are the paper's.

    Parameters
    ----------
    comparison : DataFrame
        Columns of tables/paper_vs_run.csv.

    Returns
    -------
    Series of bool
        Whether they differ by no more than 0.002; a budget to zero regret, an integer, must be
        equal. False where the run has no value.
    """
    return comparison["difference"].abs() <= TOLERANCE


def paper_page(comparison):
    """Sum up by figure how near the run's values are to the paper's.

    Parameters
    ----------
    comparison : DataFrame
        Columns of tables/paper_vs_run.csv.

    Returns
    -------
    str
        A page: a row for every figure, and below it the values that differ.
    """
    same, known = agrees(comparison), comparison["difference"].notna()
    figures = pd.DataFrame(
        {
            "figure": comparison["figure"],
            "values": 1,
            "not in the run": ~known,
            f"within {TOLERANCE}": same,
            "largest difference": comparison["difference"].abs(),
        }
    ).groupby("figure", sort=False)
    largest = _format(figures["largest difference"].max(), "{:.4f}")
    parts = [
        f"<p>{same.sum()} of {known.sum()} values agree with the paper's: they differ by no more "
        f"than {TOLERANCE}, which reading a value off a figure costs; a budget to zero regret must "
        "be equal.</p>",
        table_part(figures.sum().assign(**{"largest difference": largest})),
    ]
    different = comparison[known & ~same].copy()
    if len(different):
        for column in ("budget", "embedding_dim"):
            different[column] = _format(different[column], "{:.0f}")
        for column in ("paper", "run", "difference"):
            different[column] = _format(different[column], "{:.4f}")
        shown = different.loc[:, (different != "").any()]
        parts += ["<h4>Values that differ</h4>", table_part(shown, index=False)]
    return page("The paper's values and this run's", *parts)
