"""The picture of the mean regret: each mark is where the table says."""

import pandas as pd
import pytest
from drawn import words

from needle.figures.mean_regret import draw_mean_regret
from needle.figures.style import strategy_looks

ROWS = [
    # strategy, budget, ranked, mean, low, high
    ("linear", 1, 7, 0.30, 0.10, 0.50),
    ("linear", 2, 7, 0.10, 0.05, 0.15),
    ("knn", 1, 5, 0.20, 0.10, 0.30),
    ("knn", 2, 5, 0.00, 0.00, 0.00),
    ("random", 1, 7, 0.40, 0.20, 0.60),
    ("random", 2, 7, 0.35, 0.20, 0.60),
    ("hidden", 1, 7, 0.01, 0.00, 0.02),
    ("hidden", 2, 7, 0.01, 0.00, 0.02),
]


@pytest.fixture
def figure():
    columns = ["strategy", "budget", "ranked", "mean_relative_regret", "low", "high"]
    table = pd.DataFrame(ROWS, columns=columns).assign(tasks=7)
    return draw_mean_regret(table, strategy_looks(["linear", "knn", "random"]), [1, 2, 3])


def marks(ax):
    return {(line.get_xdata()[0], line.get_ydata()[0]): line.get_markerfacecolor()
            for line in ax.lines if line.get_marker() not in ("", "None", None)}  # fmt: skip


def test_rows_are_the_shown_strategies_the_lowest_at_the_first_budget_on_top(figure):
    first = figure.axes[0]
    assert [label.get_text() for label in first.get_yticklabels()] == ["kNN", "Linear", "Random"]
    low, high = first.get_ylim()
    assert low > high  # downwards


def test_marks_and_intervals_are_those_of_the_table(figure):
    first, second, _ = figure.axes
    assert list(marks(first)) == [(0.2, 0), (0.3, 1), (0.4, 2)]
    assert list(marks(second)) == [(0.0, 0), (0.1, 1), (0.35, 2)]
    intervals = [tuple(line.get_xdata()) for line in first.lines if len(line.get_xdata()) == 2]
    assert (0.1, 0.3) in intervals
    assert (0.1, 0.5) in intervals
    assert [0.4, 0.4] in [list(line.get_xdata()) for line in first.lines]  # the line of random


def test_who_ranks_too_few_models_is_hollow(figure):
    hollow = [place for place, colour in marks(figure.axes[0]).items() if colour == "white"]
    assert hollow == [(0.2, 0)]


def test_a_pool_smaller_than_a_budget_says_so(figure):
    assert words(figure) == ["the pool has 2 models"]
