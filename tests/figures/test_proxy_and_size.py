"""The plot of a pool: proxy score and size."""

import numpy as np
import pandas as pd

from needle.figures.proxy_and_size import draw_proxy_and_size
from recommended import ranking


def test_the_plot_marks_picks_and_leaves_out_what_it_does_not_know():
    table = ranking()
    table.loc[4, "params"] = np.nan
    table = table[table["left_out"] == ""]
    (ax,) = draw_proxy_and_size(table, "linear", "params", ["resnet10t.glyph"]).axes
    marks = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert marks == {
        "Not picked": [[460_000, 0.58]],
        "Picked": [[322_000, 0.60], [711_000, 0.63]],
        "Of the answer": [[322_000, 0.715]],
    }
    names = {text.get_text() for text in ax.texts}
    assert names == {"resnet10t.mix", "resnet10t.glyph", "resnet10t_wide.mix", "byobnet.mix"}


def test_the_plot_by_speed():
    table = ranking()
    (ax,) = draw_proxy_and_size(table[table["left_out"] == ""], "linear", "milliseconds").axes
    marks = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert marks["Not picked"] == [[125, 0.58], [20, 0.31]]
    assert ax.get_xlabel() == "Milliseconds for one picture (log scale)"
    ax.figure.draw_without_rendering()
    left, right = ax.get_xlim()
    labels = [label.get_text() for label in ax.get_xticklabels()]
    shown = [text for text in labels if text and left <= float(text) <= right]
    assert shown == ["15", "20", "30", "50", "70", "100", "150"]


def test_names_in_the_plot_do_not_overlap_and_are_no_formulas():
    table = pd.concat([ranking()[:5]] * 3, ignore_index=True)
    table["model"] = [f"a_long_name${number}$" for number in range(15)]
    table["picked"] = table.index < 6
    figure = draw_proxy_and_size(table, "linear", "params")
    figure.draw_without_rendering()
    texts = [text for text in figure.axes[0].texts if text.get_text()]
    assert [text.get_text() for text in texts] == table["model"][:6].tolist()
    boxes = [text.get_window_extent() for text in texts]
    assert not any(one.overlaps(other) for one in boxes for other in boxes if one is not other)
