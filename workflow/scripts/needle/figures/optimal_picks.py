"""How soon each strategy finds the best model (the paper's figure 7)."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from needle.figures.layout import add_legend
from needle.figures.style import INK

COLUMNS = 3
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
    columns = min(COLUMNS, len(pools))
    rows = -(-len(pools) // columns)
    figure = Figure(figsize=(max(1.2 + 2.8 * columns, 6), 1.6 + 2.4 * rows), layout="constrained")
    figure.suptitle("Share of tasks on which the best model of the pool is among the picks")
    # In a panel of their own, the axes have labels in their middle, not in the figure's.
    panel = figure.subfigures()
    panel.supxlabel("Budget B (number of models fine-tuned)", fontsize="medium")
    panel.supylabel("Tasks with zero regret", fontsize="medium")
    axes = panel.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for ax in axes[len(pools) :]:
        ax.remove()
    drawn = [name for name in looks if (optimal_picks["strategy"] == name).any()]
    for ax, (pool, declared) in zip(axes, pools.items(), strict=False):
        shares = optimal_picks[optimal_picks["pool"] == pool]
        _draw_lines(ax, shares, drawn, looks)
        size = shares["budget"].max() if len(shares) else 0
        ax.set_title(f"{declared['label']} ({size} model{'' if size == 1 else 's'})")
        ax.set_xlim(0.5, max(size, 1) + 0.5)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
        ax.set_ylim(-0.04, 1.06)
        ax.yaxis.set_major_formatter(PercentFormatter(xmax=1))
    add_legend(figure, axes[: len(pools)])
    return figure


def _draw_lines(ax, shares, drawn, looks):
    # Each line is thinner than those under it, so that lines which coincide can all be seen.
    widths = np.linspace(WIDEST, NARROWEST, len(drawn))
    for place, (name, width) in enumerate(zip(drawn, widths, strict=True)):
        look = looks[name]
        line = shares[shares["strategy"] == name]
        step = -(-len(line) // MARKS) or 1
        ax.plot(
            line["budget"], line["optimal_share"], label=look.label, color=look.color,
            linestyle=look.line, linewidth=width, marker=look.marker, markersize=width + 3.7,
            markeredgecolor=INK, markeredgewidth=0.4, markevery=(place % step, step),
            clip_on=False,
        )  # fmt: skip
