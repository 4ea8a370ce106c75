"""How soon each strategy finds the best model (the paper's figures 7 and 17)."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from needle.figures.layout import add_legend, count, percent_ticks, wrapped_panels
from needle.figures.style import INK

COLUMNS, SIZE = 3, (2.8, 2.4)
WIDEST, NARROWEST = 4.0, 1.2  # points
MARKS = 12  # at most, along a line


def draw_optimal_picks(optimal_picks, looks, pools):
    """Draw the share of tasks with zero regret against the budget.

    Parameters
    ----------
    optimal_picks : DataFrame
        Columns of tables/optimal_picks.csv.
    looks : dict of str to Look
        One line for each that is in the table, in this order.
    pools : dict of str to dict
        The config's pools, one panel each.

    Returns
    -------
    matplotlib.figure.Figure
    """
    title = "Share of tasks on which the best model of the pool is among the picks"
    xlabel, ylabel = "Budget B (number of models fine-tuned)", "Tasks with zero regret"
    figure, axes = wrapped_panels(pools, COLUMNS, SIZE, title, xlabel, ylabel, sharey=True)
    drawn = [name for name in looks if (optimal_picks["strategy"] == name).any()]
    for pool, ax in axes.items():
        shares = optimal_picks[optimal_picks["pool"] == pool]
        _draw_lines(ax, shares, drawn, looks)
        size = shares["budget"].max() if len(shares) else 0
        ax.set_title(f"{pools[pool]['label']} ({count(size, 'model')})")
        ax.set_xlim(0.5, max(size, 1) + 0.5)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
        ax.set_ylim(-0.04, 1.06)
        ax.yaxis.set_major_formatter(percent_ticks())
    add_legend(figure, axes.values())
    return figure


def _draw_lines(ax, shares, drawn, looks):
    # Each line is thinner than those under it, so that lines which coincide can all be seen.
    widths = np.linspace(WIDEST, NARROWEST, len(drawn))
    for place, (name, width) in enumerate(zip(drawn, widths, strict=True)):
        look = looks[name]
        line = shares[shares["strategy"] == name]
        if line.empty:  # unclipped, a line of nothing would take all room for itself
            continue
        step = -(-len(line) // MARKS) or 1
        ax.plot(
            line["budget"], line["optimal_share"], label=look.label, color=look.color,
            linestyle=look.line, linewidth=width, marker=look.marker, markersize=width + 3.7,
            markeredgecolor=INK, markeredgewidth=0.4, markevery=(place % step, step),
            clip_on=False,
        )  # fmt: skip
