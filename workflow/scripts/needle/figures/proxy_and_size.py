"""The pool of a recommendation: proxy score against number of parameters, or against speed."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from needle.figures.layout import percent_ticks
from needle.figures.style import FAINT, INK, SMALL
from needle.strategies.labels import ACCURACIES, strategy_label

SIZE = (6.8, 3.6)
# By column: what the axis shows, and how a number on it is written.
AXES = {
    "params": ("Parameters (log scale)", lambda number: f"{number / 1e6:g} M"),
    "milliseconds": ("Milliseconds for one picture (log scale)", lambda number: f"{number:g}"),
}
CHOSEN = "#0173b2"  # as on the page
FEW = 12  # models, up to which all are named
# Where a name may stand, in points from its mark: beside it, then ever further above or below.
PLACES = [(8, 0, "left"), (-8, 0, "right")] + [
    (x, sign * y, align)
    for y in (10, 20, 30, 42, 54)
    for sign in (1, -1)
    for x, align in ((7, "left"), (-7, "right"), (0, "center"))
]
PICK, OTHER = {"color": INK, "weight": "bold"}, {"color": FAINT}
POINTS = {"textcoords": "offset points", "in_layout": False}
NEAR = 10  # points, up to which no line leads from a name to its mark


def draw_proxy_and_size(ranking, proxy, size, chosen=()):
    """Draw every ranked model of a pool; the picks are marked and named.

    Parameters
    ----------
    ranking : DataFrame
        Columns of ranking.csv; models without score or size are not drawn.
    proxy : str
        Column of `ranking`.
    size : {"params", "milliseconds"}
        Column of `ranking`: what a model costs.
    chosen : collection of str, optional
        The models of the answer.

    Returns
    -------
    matplotlib.figure.Figure
        Of a pool of up to `FEW` models all are named, as far as there is room.
    """
    known = ranking.dropna(subset=[proxy, size])
    answers = known["model"].isin(chosen)
    picked = known[known["picked"] | answers]
    others = known[~known["picked"] & ~answers]
    figure = Figure(figsize=SIZE, layout="constrained")
    ax = figure.add_subplot()
    marks = [
        (others, {"color": "0.6", "markersize": 6, "label": "Not picked"}),
        (known[known["picked"] & ~answers], {"color": "white", "markeredgecolor": CHOSEN,
         "markeredgewidth": 1.6, "markersize": 7.5, "label": "Picked"}),
        (known[answers], {"color": CHOSEN, "markersize": 9,
         "label": "Of the answer"}),
    ]  # fmt: skip
    for models, mark in marks:
        if len(models):
            ax.plot(models[size], models[proxy], "o", zorder=3, **mark)
    _scale(ax, known[size], proxy)
    figure.legend(loc="outside upper left", ncols=len(marks), fontsize=SMALL + 1, borderpad=0,
                  handletextpad=0.2)  # fmt: skip
    others = others if len(known) <= FEW else others[:0]
    _name(figure, ax, known[[size, proxy]], [(picked, PICK), (others, OTHER)])
    return figure


def _scale(ax, sizes, proxy):
    ax.set_xscale("log")
    ax.margins(0.08, 0.16)
    ax.set_xlim(sizes.min() / 1.5, sizes.max() * 1.5)
    span = sizes.max() / sizes.min()
    subs = (1, 1.5, 2, 3, 5, 7) if span < 10 else (1, 2, 5) if span < 1000 else (1,)
    ax.xaxis.set_major_locator(LogLocator(subs=subs))
    ax.xaxis.set_minor_locator(NullLocator())
    label, written = AXES[sizes.name]
    ax.xaxis.set_major_formatter(FuncFormatter(lambda number, _: written(number)))
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    if proxy in ACCURACIES:
        ax.yaxis.set_major_formatter(percent_ticks())
    ax.set_xlabel(label)
    ax.set_ylabel(f"{strategy_label(proxy)} score")
    ax.tick_params(labelsize=SMALL + 1)


def _name(figure, ax, places, named):
    """Write names beside their marks, the picks' first."""
    figure.draw_without_rendering()
    marks = ax.transData.transform(places.to_numpy(float))
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in marks]
    for models, look in named:
        for name, *mark in models[["model", *places]].itertuples(index=False):
            _place(ax, name, mark, look, taken)


def _place(ax, name, mark, look, taken):
    """Write a name where it has room; without room only a pick is named."""
    for place in PLACES:
        text = _write(ax, name, mark, look, place)
        box = text.get_window_extent().extents
        if _is_inside(ax, box) and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            if abs(place[1]) > NEAR:
                _lead(ax, mark, place)
            return
        text.remove()
    if look is PICK:
        _write(ax, name, mark, look, PLACES[0])


def _write(ax, name, mark, look, place):
    *offset, align = place
    return ax.annotate(name, mark, offset, ha=align, va="center", fontsize=SMALL, zorder=4,
                       **POINTS, **look)  # fmt: skip


def _lead(ax, mark, place):
    x, y, _ = place
    line = {"arrowstyle": "-", "color": FAINT, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 4}
    ax.annotate("", mark, (x, y - np.sign(y) * 4), arrowprops=line, **POINTS)


def _is_inside(ax, box):
    (left, bottom), (_, top) = ax.bbox.min, ax.bbox.max
    return left <= box[0] and bottom <= box[1] and box[2] <= ax.figure.bbox.x1 and box[3] <= top + 2


def _overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
