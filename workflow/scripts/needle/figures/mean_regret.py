"""The mean regret of the strategies in one pool, by budget, with intervals over tasks."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from needle.figures.layout import count, percent_ticks, say_none
from needle.figures.style import FAINT, INK, SMALL
from needle.strategies.registry import RANDOM

WIDTH, MARGIN_HEIGHT, ROW_HEIGHT = 7.6, 1.0, 0.23  # inches


def draw_mean_regret(mean_regret, looks, budgets):
    """Draw a row for each strategy, the lowest at the first budget on top, a panel for each budget.

    Parameters
    ----------
    mean_regret : DataFrame
        Columns of tables/mean_regret.csv, of one pool.
    looks : dict of str to Look
        Strategies to draw; others are left out.
    budgets : list of int

    Returns
    -------
    matplotlib.figure.Figure
        A mark is hollow where the strategy ranks too few models on some tasks; a dotted line is
        random search. A pool smaller than a budget has no marks there.
    """
    shown = mean_regret[mean_regret["strategy"].isin(list(looks))]
    first = shown[shown["budget"] == budgets[0]].sort_values("mean_relative_regret", kind="stable")
    order = first["strategy"].tolist()
    figure = Figure((WIDTH, MARGIN_HEIGHT + ROW_HEIGHT * len(order)), layout="constrained")
    panels = figure.subplots(1, len(budgets), sharex=True, sharey=True, squeeze=False)[0]
    for ax, budget in zip(panels, budgets, strict=True):
        mine = shown[shown["budget"] == budget].set_index("strategy").reindex(order)
        ax.set_title(f"B = {budget}", loc="left", fontsize=SMALL + 2)
        ax.grid(axis="x")
        ax.grid(visible=False, axis="y")
        ax.tick_params(labelsize=SMALL + 1)
        ax.tick_params(axis="y", length=0)
        if mine["mean_relative_regret"].isna().all():
            say_none(ax, f"the pool has {count(mean_regret['budget'].max(), 'model')}")
        else:
            _draw_rows(ax, mine, looks)
    panels[0].set_yticks(np.arange(len(order)), [looks[name].label for name in order])
    panels[0].set_ylim(len(order) - 0.4, -0.6)
    panels[0].set_xlim(left=0)
    panels[0].xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    panels[0].xaxis.set_major_formatter(percent_ticks())
    figure.supxlabel("Mean relative regret (lower is better)", fontsize=SMALL + 1)
    return figure


def _draw_rows(ax, mine, looks):
    if RANDOM in mine.index:
        ax.axvline(mine.loc[RANDOM, "mean_relative_regret"], color=FAINT, linewidth=0.8,
                   linestyle=(0, (1, 1.5)), zorder=1)  # fmt: skip
    for place, (name, row) in enumerate(mine.iterrows()):
        look = looks[name]
        ax.plot([row["low"], row["high"]], [place, place], color=look.color, linewidth=1.6,
                solid_capstyle="round", clip_on=False, zorder=2)  # fmt: skip
        ax.plot(row["mean_relative_regret"], place, look.marker, markersize=5.5,
                color=look.color if row["ranked"] == row["tasks"] else "white",
                markeredgecolor=INK if row["ranked"] == row["tasks"] else look.color,
                markeredgewidth=0.5, clip_on=False, zorder=3)  # fmt: skip
