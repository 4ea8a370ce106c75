"""Two strategies compared by pool and task (the paper's figures 5 and 6)."""

from needle.figures.layout import (
    add_legend,
    mark_missing,
    mark_zero,
    note_pool,
    place_tasks,
    pool_rows,
)
from needle.figures.style import BAR_EDGE, INK

WIDTH = 0.7


def draw_delta(delta, first, second, budget, looks, pools, tasks):
    """Draw the relative delta of two strategies at one budget.

    Parameters
    ----------
    delta : DataFrame
        Columns of tables/delta.csv.
    first, second : str
        Strategies; a bar is up where `first` achieved more, in its colour, and down in that of
        `second` where that did.
    budget : int
    looks : dict of str to Look
    pools : dict of str to dict
        The config's pools, one row each; one that is not in the table stays empty and says why.
    tasks : list of dict
        Task cards.

    Returns
    -------
    matplotlib.figure.Figure
    """
    places = place_tasks(tasks)
    names = looks[first].label, looks[second].label
    title = f"{names[0]} against {names[1]} at budget B = {budget}, by task"
    figure, rows = pool_rows(pools, places, title, f"Relative delta\n({names[0]} − {names[1]})")
    pair = delta[
        (delta["first"] == first) & (delta["second"] == second) & (delta["budget"] == budget)
    ]
    for pool, ax in rows.items():
        ax.use_sticky_edges = False  # room on both sides of zero, whoever is better
        ax.axhline(0, color=INK, linewidth=1)
        values = pair[pair["pool"] == pool].set_index("task")["relative_delta"]
        if values.empty:
            note_pool(ax, pools[pool]["label"], [f"B = {budget}: pool too small"])
            continue
        values = values.reindex(places.index)
        _draw_bars(ax, places["x"], values, looks[first], looks[second])
        note_pool(ax, pools[pool]["label"], _notes(values, names))
    add_legend(figure, rows.values())
    return figure


def _draw_bars(ax, x, values, first, second):
    # Both sides always have their bars, empty or not, so that the legend names both colours.
    for look, side in ((first, values > 0), (second, values < 0)):
        ax.bar(x, values.where(side), WIDTH, color=look.color, linewidth=BAR_EDGE,
               edgecolor=look.color, label=f"{look.label} is better")  # fmt: skip
    mark_zero(ax, x[values == 0], "white", "equal")
    mark_missing(ax, x[values.isna()])


def _notes(values, names):
    known = values.dropna()
    if known.empty:
        return ["n/a"]
    return [
        f"mean {known.mean():+.1%}".replace("-", "−"),
        f"{names[0]} better on {(known > 0).sum()}",
        f"{names[1]} better on {(known < 0).sum()}",
        f"equal on {(known == 0).sum()}",
    ]
