"""Where tasks stand on an axis; figures with one row for each pool, and with wrapped panels."""

import numpy as np
import pandas as pd
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from needle.figures.style import FAINT, INK, SMALL

GROUP_GAP = 0.8  # between the last task of a group and the first of the next, in tasks
TASK_WIDTH, MARGIN_WIDTH = 0.42, 2.6  # inches
LEAST_WIDTH = 6.5
ROW_HEIGHT, MARGIN_HEIGHT = 1.3, 1.7
PANEL_MARGIN = 1.2, 1.6  # inches around all panels: across, and up and down
LEGEND_WIDTH = 1.9  # of one entry


def place_tasks(tasks):
    """Give every task its place on the x axis, with its group's other tasks.

    Parameters
    ----------
    tasks : DataFrame
        Columns of tasks.csv.

    Returns
    -------
    DataFrame
        Index task; columns label, group, x. Groups and their tasks keep their order.

    Examples
    --------
    >>> tasks = {"task": ["a", "b"], "label": ["A", "B"], "group": ["natural", "structured"]}
    >>> place_tasks(pd.DataFrame(tasks))["x"].tolist()
    [0.0, 1.8]
    """
    group, _ = pd.factorize(tasks["group"])
    placed = tasks.set_index("task").iloc[np.argsort(group, kind="stable")]
    return placed.assign(x=np.arange(len(tasks)) + GROUP_GAP * np.sort(group))


def show_tasks(axes, places):
    """Label the tasks under the last of axes that share x, and set their groups apart.

    Lines separate the groups; their names, if they have any, are above the first of the axes.
    """
    for ax in axes[:-1]:
        ax.xaxis.set_visible(False)  # nothing of it shows, but its ticks would be laid out
    axes[-1].tick_params(axis="x", length=0)
    for ax in axes:
        for start in places.groupby("group", sort=False)["x"].min().iloc[1:]:
            ax.axvline(start - (1 + GROUP_GAP) / 2, color="0.6", linewidth=0.8)
    axes[-1].set_xticks(
        places["x"], places["label"], rotation=45, ha="right", rotation_mode="anchor"
    )
    axes[-1].set_xlim(places["x"].iloc[0] - 0.7, places["x"].iloc[-1] + 0.7)
    middles = places[places["group"] != ""].groupby("group", sort=False)["x"].mean()
    if len(middles):
        above = axes[0].secondary_xaxis("top")
        above.set_xticks(middles, [name.capitalize() for name in middles.index], style="italic")
        above.tick_params(length=0)
        above.spines["top"].set_visible(False)


def pool_rows(pools, places, title, ylabel, ticks):
    """Start a figure with one row for each pool and the tasks along x.

    Parameters
    ----------
    pools : dict of str to dict
        The config's pools.
    places : DataFrame
        As `place_tasks` gives it.
    title, ylabel : str
    ticks : matplotlib.ticker.Formatter
        Of y.

    Returns
    -------
    tuple of Figure and dict of str to Axes
        Axes by pool; all share both axes.
    """
    size = (
        max(LEAST_WIDTH, MARGIN_WIDTH + TASK_WIDTH * (np.ptp(places["x"]) + 1)),
        MARGIN_HEIGHT + ROW_HEIGHT * len(pools),
    )
    figure, panel = _figure(size, title, ylabel)
    rows = panel.subplots(len(pools), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    show_tasks(rows, places)
    rows[0].yaxis.set_major_formatter(ticks)
    rows[0].locator_params(axis="y", nbins=5)
    return figure, dict(zip(pools, rows, strict=True))


def wrapped_panels(names, columns, size, title, xlabel, ylabel, **shared):
    """Start a figure with one panel for each name, in rows of some columns.

    Parameters
    ----------
    names : iterable of str
    columns : int
        At most.
    size : tuple of float
        Width and height of a panel in inches.
    title, xlabel, ylabel : str
    **shared : bool
        ``sharex``, ``sharey``.

    Returns
    -------
    tuple of Figure and dict of str to Axes
    """
    names = list(names)
    columns = min(columns, len(names))
    rows = -(-len(names) // columns)
    width, height = np.multiply(size, (columns, rows)) + PANEL_MARGIN
    figure, panel = _figure((max(LEAST_WIDTH, width), height), title, ylabel)
    panel.supxlabel(xlabel, fontsize="medium")
    axes = panel.subplots(rows, columns, squeeze=False, **shared).ravel()
    for ax in axes[len(names) :]:
        ax.remove()
    # Above a removed one, the labels of a shared x hang into its place.
    for ax in axes[len(names) - columns : (rows - 1) * columns]:
        ax.tick_params(axis="x", labelbottom=True)
        ax.xaxis.set_in_layout(False)
    return figure, dict(zip(names, axes, strict=False))


def _figure(size, title, ylabel):
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(title)
    # In a panel of their own, the axes have labels in their middle, not in the figure's.
    panel = figure.subfigures()
    panel.supylabel(ylabel, fontsize="medium")
    return figure, panel


def percent_ticks():
    """Give a new formatter of fractions, with no more digits than a tick needs."""
    return FuncFormatter(lambda value, _: f"{round(100 * value, 2) + 0:g}%".replace("-", "−"))


def note_pool(ax, label, lines):
    """Write a pool's name and some lines about it beside its row."""
    at = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
    ax.annotate(label, (1, 1), (6, 0), weight="bold", **at)
    ax.annotate("\n".join(lines), (1, 1), (6, -13), fontsize=SMALL, linespacing=1.35, **at)


def head_panel(ax, title, line):
    """Write a title and a line about it above a panel."""
    ax.set_title(title, loc="left", pad=14)
    ax.annotate(line, (0, 1), (0, 4), xycoords="axes fraction", textcoords="offset points",
                fontsize=SMALL)  # fmt: skip


def say_none(ax, line):
    """Write in the middle of a panel why it is empty."""
    ax.annotate(line, (0.5, 0.5), xycoords="axes fraction", ha="center", color=FAINT)
    ax.set(xticks=[], yticks=[])


def draw_intervals(ax, x, bounds, level):
    """Draw the intervals over repeats that a table has: ``low`` and ``high``, if not empty."""
    known = bounds["low"].notna() & bounds["high"].notna()
    if known.any():
        low, high = bounds.loc[known, "low"], bounds.loc[known, "high"]
        label = f"{100 * level:g}% interval over repeats"
        ax.vlines(x[known], low, high, color=INK, linewidth=0.7, zorder=4, label=label)


def mark_missing(ax, x, color=FAINT, text="n/a"):
    """Write what stands for a value at the foot of the axes at the places that have none."""
    for place in x:
        ax.annotate(
            text, (place, 0), (0, 2), xycoords=ax.get_xaxis_transform(),
            textcoords="offset points", rotation=90, ha="center", va="bottom",
            fontsize=SMALL - 1, color=color,
        )  # fmt: skip


def mark_infinite(ax, x, values):
    """Write "inf" at the places whose value is infinite, and give the values without them."""
    mark_missing(ax, x[values == np.inf], INK, "inf")
    mark_missing(ax, x[values == -np.inf], INK, "−inf")
    return values.replace([np.inf, -np.inf], np.nan)


def mark_zero(ax, x, color, label):
    """Draw a dot on the zero line at the places whose value is exactly zero."""
    ax.plot(x, np.zeros(len(x)), "o", color=color, markersize=3.5, markeredgecolor=INK,
            markeredgewidth=0.6, clip_on=False, in_layout=False, zorder=5,
            label=label)  # fmt: skip


def count(number, thing):
    """Say how many there are of a thing."""
    return f"{number:.0f} {thing}{'' if number == 1 else 's'}"


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
