"""The page that sets a run beside the paper."""

import pandas as pd

from needle.pages.page import formatted, page, table_part

TOLERANCE = 2e-3  # what reading a value off a figure may cost


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
    largest = formatted(figures["largest difference"].max(), "{:.4f}")
    parts = [
        f"<p>{same.sum()} of {known.sum()} values agree with the paper's: they differ by no more "
        f"than {TOLERANCE}, which reading a value off a figure costs; a budget to zero regret must "
        "be equal.</p>",
        table_part(figures.sum().assign(**{"largest difference": largest})),
    ]
    different = comparison[known & ~same].copy()
    if len(different):
        for column in ("budget", "embedding_dim"):
            different[column] = formatted(different[column], "{:.0f}")
        for column in ("paper", "run", "difference"):
            different[column] = formatted(different[column], "{:.4f}")
        shown = different.loc[:, (different != "").any()]
        parts += ["<h4>Values that differ</h4>", table_part(shown, index=False)]
    return page("The paper's values and this run's", *parts)
