"""Confidence against accuracy, before and after calibration."""

from matplotlib.figure import Figure

from needle.figures.layout import percent_ticks
from needle.figures.style import FAINT, SMALL

SIZE = (4.4, 3.7)
LARGEST = 130  # points², of the mark with the most images
LOOKS = {
    False: ("Before calibration", {"color": "white", "edgecolor": "0.45"}),
    True: ("After calibration", {"color": "#0173b2", "edgecolor": "white"}),
}


def draw_reliability(table):
    """Draw a mark for each bin of confidence; on the diagonal, a model is as right as it is sure.

    Parameters
    ----------
    table : DataFrame
        Columns of reliability.csv.

    Returns
    -------
    matplotlib.figure.Figure
        The larger a mark, the more images are in its bin.
    """
    figure = Figure(figsize=SIZE, layout="constrained")
    ax = figure.add_subplot()
    ax.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8, linestyle="--", zorder=1)
    for calibrated, (label, look) in LOOKS.items():
        part = table[table["calibrated"] == calibrated]
        sizes = LARGEST * part["images"] / table["images"].max() + 10
        ax.plot(part["confidence"], part["accuracy"], color="0.75" if not calibrated else "#0173b2",
                linewidth=1, zorder=2)  # fmt: skip
        ax.scatter(part["confidence"], part["accuracy"], sizes, label=label, zorder=3, **look)
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.04)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(percent_ticks())
    ax.set_xlabel("Confidence")
    ax.set_ylabel("Test images that are right")
    ax.tick_params(labelsize=SMALL + 1)
    legend = ax.legend(fontsize=SMALL + 1, loc="upper left", frameon=False)
    for handle in legend.legend_handles:
        handle.set_sizes([40])
    return figure
