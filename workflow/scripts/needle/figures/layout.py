"""Where tasks stand on an axis, and figures with one row for each pool."""

import numpy as np
import pandas as pd
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from needle.figures.style import FAINT, INK, SMALL

GROUP_GAP = 0.8  # between the last task of a group and the first of the next, in tasks
TASK_WIDTH, MARGIN_WIDTH = 0.42, 2.6  # inches
LEAST_WIDTH = 6.5
ROW_HEIGHT, MARGIN_HEIGHT = 1.3, 1.7
LEGEND_WIDTH = 1.9  # of one entry


def place_tasks(tasks):
    """Give every task its place on the x axis, with its group's other tasks.

    Parameters
    ----------
    tasks : list of dict
        Task cards with ``name``, ``label``, ``group``.

    Returns
    -------
    DataFrame
        Index name; columns label, group, x. Groups and their tasks keep the declared order.

    Examples
    --------
    >>> place_tasks([{"name": "a", "label": "A", "group": "natural"},
    ...              {"name": "b", "label": "B", "group": "structured"}])["x"].tolist()
    [0.0, 1.8]
    """
    cards = pd.DataFrame(tasks)[["name", "label", "group"]].set_index("name")
    group, _ = pd.factorize(cards["group"])
    placed = cards.iloc[np.argsort(group, kind="stable")]
    return placed.assign(x=np.arange(len(cards)) + GROUP_GAP * np.sort(group))


def show_tasks(ax, places):
    """Label the tasks under an axis and separate their groups by lines."""
    ax.set_xticks(places["x"], places["label"], rotation=45, ha="right", rotation_mode="anchor")
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(places["x"].iloc[0] - 0.7, places["x"].iloc[-1] + 0.7)
    for start in places.groupby("group", sort=False)["x"].min().iloc[1:]:
        ax.axvline(start - (1 + GROUP_GAP) / 2, color="0.6", linewidth=0.8)


def show_groups(ax, places):
    """Name the groups of tasks above an axis."""
    middles = places.groupby("group", sort=False)["x"].mean()
    above = ax.secondary_xaxis("top")
    above.set_xticks(middles, [name.capitalize() for name in middles.index], style="italic")
    above.tick_params(length=0)
    above.spines["top"].set_visible(False)


def pool_rows(pools, places, title, ylabel):
    """Start a figure with one row for each pool and the tasks along x.

    Parameters
    ----------
    pools : dict of str to dict
        The config's pools.
    places : DataFrame
        As `place_tasks` gives it.
    title, ylabel : str

    Returns
    -------
    tuple of Figure and dict of str to Axes
        Axes by pool; all share both axes, and y is in percent.
    """
    size = (
        max(LEAST_WIDTH, MARGIN_WIDTH + TASK_WIDTH * (np.ptp(places["x"]) + 1)),
        MARGIN_HEIGHT + ROW_HEIGHT * len(pools),
    )
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(title)
    # In a panel of their own, the rows have a label in their middle, not in the figure's.
    panel = figure.subfigures()
    panel.supylabel(ylabel, fontsize="medium")
    rows = panel.subplots(len(pools), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for ax in rows:
        show_tasks(ax, places)
        ax.yaxis.set_major_formatter(PercentFormatter(xmax=1))
        ax.locator_params(axis="y", nbins=5)
    show_groups(rows[0], places)
    return figure, dict(zip(pools, rows, strict=True))


def note_pool(ax, label, lines):
    """Write a pool's name and some lines about it beside its row."""
    at = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
    ax.annotate(label, (1, 1), (6, 0), weight="bold", **at)
    ax.annotate("\n".join(lines), (1, 1), (6, -13), fontsize=SMALL, linespacing=1.35, **at)


def mark_missing(ax, x, color=FAINT):
    """Write "n/a" at the foot of the axes at the places that have no value."""
    for place in x:
        ax.annotate(
            "n/a", (place, 0), (0, 2), xycoords=ax.get_xaxis_transform(),
            textcoords="offset points", rotation=90, ha="center", va="bottom",
            fontsize=SMALL - 1, color=color,
        )  # fmt: skip


def mark_zero(ax, x, color, label):
    """Draw a dot on the zero line at the places whose value is exactly zero."""
    ax.plot(x, np.zeros(len(x)), "o", color=color, markersize=3.5, markeredgecolor=INK,
            markeredgewidth=0.6, clip_on=False, in_layout=False, zorder=5,
            label=label)  # fmt: skip


def add_legend(figure, axes):
    """Put one legend under a figure for all that its axes label, bars first."""
    entries = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    if entries:
        order = sorted(entries, key=lambda label: not isinstance(entries[label], BarContainer))
        lines = np.ceil(len(order) * LEGEND_WIDTH / figure.get_figwidth())
        figure.legend(
            [entries[label] for label in order], order, loc="outside lower center",
            ncols=int(np.ceil(len(order) / lines)),
        )  # fmt: skip
