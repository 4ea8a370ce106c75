"""How all figures look: the theme, a look for every strategy, and saving."""

import gc
import io
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import seaborn as sns
from fontTools import subset

from needle.base.files import atomic
from needle.strategies.labels import HYBRID, strategy_label

INK = "0.15"
FAINT = "0.45"
SMALL = 7  # points
BAR_EDGE = 1.5  # points; a bar too low to be seen is still a line
PAD = 0.1  # inches around a figure

# A figure is many thousand objects that live until it is saved: looking through them for garbage
# at the usual pace takes a seventh of the time.
gc.set_threshold(100_000)

matplotlib.use("Agg")
# The reader's own matplotlibrc and fonts must not change a figure; DejaVu ships with matplotlib.
matplotlib.rcdefaults()
sns.set_theme(
    context="paper",
    style="ticks",
    font="DejaVu Sans",
    rc={
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.spines.right": False,
        "axes.spines.top": False,
        "grid.color": "0.9",
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "pdf.fonttype": 42,  # TrueType, which journals ask for
        "text.parse_math": False,  # dollars in names are dollars
        "svg.hashsalt": "needle",  # ids in the file are otherwise random
    },
)

# By these a text is laid out, which in a PDF it is: cutting them to the letters in use is most of
# the work on an embedded font.
subset.Options._drop_tables_default += ["GDEF", "GPOS", "GSUB", "MATH", "kern"]

_SAFE = sns.color_palette("colorblind").as_hex()
_BLUE, _ORANGE, _GREEN, _VERMILION, _PURPLE, _BROWN, _PINK, _GREY, _YELLOW, _SKY = _SAFE


@dataclass(frozen=True)
class Look:
    """How a strategy is drawn in every figure.

    Attributes
    ----------
    label : str
        What a reader calls it.
    color : str or tuple
    marker : str
    line : str or tuple
        Matplotlib line style.
    """

    label: str
    color: object
    marker: str
    line: object


_FIXED = {
    "task-agnostic": (_ORANGE, "P", "dashdot"),
    "halving": (INK, "*", (0, (4, 1, 1, 1, 1, 1))),
    "oracle-average": (_PURPLE, "d", "dotted"),
    "random": (_GREY, "X", (0, (5, 3))),
}
# For each family: its colour, and the markers of the proxy and of its hybrid.
_FAMILIES = [
    (_GREEN, "^", "v"),
    (_BLUE, "o", "s"),
    (_VERMILION, "<", ">"),
    (_BROWN, "p", "h"),
    (_YELLOW, "8", "H"),
]


def strategy_looks(strategies):
    """Give every strategy its look.

    Task-agnostic search, its oracle, successive halving and random search have fixed ones. Each
    proxy shares a colour with its hybrid, which has the full shade; families go by alphabet, so
    that the order in a config changes nothing.

    Parameters
    ----------
    strategies : list of str
        All of the run, so that a strategy looks the same in all its figures.

    Returns
    -------
    dict of str to Look

    Examples
    --------
    >>> looks = strategy_looks(["random", "logme", "hybrid-logme"])
    >>> looks["hybrid-logme"].label, looks["logme"].color == looks["hybrid-logme"].color
    ('Hybrid LogME', False)
    """
    families = sorted({name.removeprefix(HYBRID) for name in strategies} - _FIXED.keys())
    looks = {}
    for name in strategies:
        if name in _FIXED:
            color, marker, line = _FIXED[name]
        else:
            position = families.index(name.removeprefix(HYBRID))
            color, *markers = _FAMILIES[position % len(_FAMILIES)]
            is_hybrid = name.startswith(HYBRID)
            marker = markers[is_hybrid]
            line = "solid" if is_hybrid else "dashed"
            if not is_hybrid:
                color = sns.blend_palette([color, "white"], 20)[7]
        looks[name] = Look(strategy_label(name), color, marker, line)
    return looks


def save(figure, path):
    """Write a figure as SVG, and as PDF beside it; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path
        Of the SVG file.
    """
    # Neither the layout nor the box is worked out anew for each file.
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine(None)  # "none" keeps one, for which every file is drawn twice
    box = figure.get_tightbbox().padded(PAD)
    for suffix, undated in ((".svg", {"Date": None}), (".pdf", {"CreationDate": None})):
        with atomic(Path(path).with_suffix(suffix)) as temporary:
            figure.savefig(temporary, metadata=undated, bbox_inches=box)


def svg(figure):
    """Write a figure as the bytes of an SVG file; the same figure gives the same bytes."""
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
