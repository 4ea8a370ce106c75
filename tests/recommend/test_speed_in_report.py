"""The speed of models in the report: their plots and columns, there only if it was measured."""

import re

import numpy as np
import pytest

from needle.recommend.findings import read_findings
from needle.recommend.page import recommendation_page
from needle.scores.columns import SPEED_COLUMNS
from recommended import CONFIGURATION, LEVEL, README, TUNING, ranking, write_files

ALT = re.compile(r'<img class="plot"[^>]*alt="Each of 5 models by its (.*?) and its Linear score')


@pytest.fixture
def page(tmp_path):
    """Lay out the report of a ranking."""

    def lay_out(table):
        paths = write_files(tmp_path, ["cat", "dog", "bird"], ranked=table)
        return recommendation_page(
            read_findings(**paths), CONFIGURATION, "birds", "hybrid-linear", 3, LEVEL,
            "results/birds/recommendation/report.html", README, TUNING,
        )  # fmt: skip

    return lay_out


def test_measured_speed_is_plotted_and_in_the_ranking_with_what_computed(page):
    html = page(ranking())
    assert ALT.findall(html) == ["number of parameters", "time for one picture"]
    assert "the further left, the smaller or faster it is." in html
    assert "measured on one thread of the processor, while" in html
    cells = [re.sub(r"\s", " ", cell) for cell in re.findall(r'<td class="n">(.*?)</td>', html)]
    assert [cells[n + 1 : n + 3] for n, cell in enumerate(cells) if cell == "31.2 ms"] == [
        ["64", "32.2 MB"]
    ]


def test_speed_that_nobody_measured_has_no_column(page):
    html = page(ranking().assign(**dict.fromkeys(SPEED_COLUMNS, np.nan)))
    assert ALT.findall(html) == ["number of parameters"]
    assert "the further left, the smaller it is." in html
    assert "Pictures a second" not in html


def test_without_sizes_there_is_a_plot_of_speed(page):
    html = page(ranking().assign(params=np.nan))
    assert ALT.findall(html) == ["time for one picture"]
    assert "the further left, the faster it is." in html
