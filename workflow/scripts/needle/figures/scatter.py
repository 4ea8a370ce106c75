"""A proxy's scores against fine-tune accuracy, model by model (the paper's figures 8 and 9)."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from needle.figures.layout import (
    add_legend,
    count,
    head_panel,
    percent_ticks,
    say_none,
    wrapped_panels,
)
from needle.figures.style import INK, SMALL
from needle.strategies.labels import ACCURACIES

COLUMNS, SIZE = 5, (1.9, 1.9)
TICKS = 4


def draw_scatter(points, picks, correlation, pool, models, proxy, look, label, tasks):
    """Draw every model of a pool by its proxy score and its accuracy after fine-tuning.

    Parameters
    ----------
    points : DataFrame
        Point values, index (task, model); columns ``finetune`` and `proxy`.
    picks : DataFrame
        Columns of picks.csv.
    correlation : DataFrame
        Columns of tables/correlation.csv.
    pool : str
    models : list of str
        The pool's.
    proxy : str
    look : Look
        Of the proxy.
    label : str
        What a reader calls the pool.
    tasks : DataFrame
        Columns of tasks.csv, one panel each.

    Returns
    -------
    matplotlib.figure.Figure
        The oracle has a ring, the proxy's first pick the proxy's marker; the line between their
        accuracies is the absolute regret. Models without one of both scores are left out, the
        oracle too, but not its accuracy.
    """
    title = f"{label}: {look.label} score and accuracy of {count(len(models), 'model')}"
    xlabel, ylabel = f"{look.label} score", "Test accuracy after fine-tuning"
    labels = tasks.set_index("task")["label"]
    figure, axes = wrapped_panels(labels.index, COLUMNS, SIZE, title, xlabel, ylabel)
    chosen = picks[(picks["strategy"] == proxy) & (picks["pool"] == pool) & (picks["rank"] == 1)]
    chosen = chosen.set_index("task")["model"]
    facts = correlation[(correlation["pool"] == pool) & (correlation["proxy"] == proxy)]
    facts = facts.set_index("task").reindex(labels.index)
    mine = points[points.index.isin(models, level="model")]
    best = mine["finetune"].groupby("task").max()
    both = mine[[proxy, "finetune"]].dropna()
    for task, ax in axes.items():
        head_panel(ax, labels[task], _facts(facts.loc[task]))
        if task in both.index.unique("task"):
            _draw_models(ax, both.loc[task], best[task], chosen.get(task), look)
            _scale(ax, proxy)
        else:
            say_none(ax, "no scores")
    add_legend(figure, axes.values())
    return figure


def _draw_models(ax, both, best, pick, look):
    x, y = both.iloc[:, 0], both["finetune"]
    ax.plot(x, y, "o", color="0.55", alpha=0.6, markersize=4, markeredgewidth=0, label="Model")
    ax.plot(x[y == best], y[y == best], "o", color="none", markersize=9.5, markeredgecolor=INK,
            markeredgewidth=1.1, label="Oracle: best of the pool")  # fmt: skip
    if pick in both.index:
        ax.vlines(x[pick], y[pick], best, color=look.color, linewidth=1.1, label="Absolute regret")
        ax.plot(x[pick], y[pick], look.marker, color=look.color, markersize=6, markeredgecolor=INK,
                markeredgewidth=0.4, label=f"First pick of {look.label}")  # fmt: skip


def _scale(ax, proxy):
    ax.margins(0.12)
    ax.tick_params(labelsize=SMALL)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(TICKS, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(percent_ticks())
    if proxy in ACCURACIES:
        ax.xaxis.set_major_formatter(percent_ticks())


def _facts(row):
    pearson, regret = row["pearson"], row["absolute_regret"]
    pearson = "n/a" if np.isnan(pearson) else f"{pearson:.2f}".replace("-", "−")
    points = "n/a" if np.isnan(regret) else f"{100 * regret:.1f} points"
    return f"R = {pearson}, " + ("no regret" if regret == 0 else f"regret {points}")
