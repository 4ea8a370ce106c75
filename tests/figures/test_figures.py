"""What is drawn is what the tables say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color
from matplotlib.container import BarContainer

from needle.figures.delta import draw_delta
from needle.figures.optimal_picks import draw_optimal_picks
from needle.figures.overview import draw_overview
from needle.figures.regret import OFFSETS, draw_regret
from needle.figures.style import save, strategy_looks

TASKS = [
    {"name": "count", "label": "Count", "group": "structured"},
    {"name": "digits", "label": "Digits", "group": "natural"},
    {"name": "distance", "label": "Distance", "group": "structured"},
]
PLACES = {"count": 0.0, "distance": 1.0, "digits": 2.8}  # groups together, in declared order
POOLS = {"all": {"label": "ALL"}, "one": {"label": "ONE"}}
# `logme` stands for a proxy that nobody has heard of.
LOOKS = strategy_looks(["task-agnostic", "logme", "hybrid-logme", "oracle-average", "random"])


def regret_rows(pool, strategy, budget, values):
    """Rows of regret.csv for one budget, from relative regret by task."""
    return pd.DataFrame(
        {"pool": pool, "strategy": strategy, "budget": budget, "task": list(values),
         "relative_regret": list(values.values()), "low": 0.0, "high": 0.5}
    )  # fmt: skip


@pytest.fixture
def regret():
    return pd.concat(
        [
            regret_rows("all", "logme", 1, {"digits": 0.4, "count": 0.0, "distance": np.nan}),
            regret_rows("all", "logme", 2, {"digits": 0.1, "count": 0.0, "distance": 0.2}),
            regret_rows("one", "logme", 1, {"digits": 0.0, "count": 0.0, "distance": 0.0}),
            regret_rows("all", "random", 1, {"digits": 0.5, "count": 0.3, "distance": 0.3}),
            regret_rows("one", "random", 1, {"digits": 0.0, "count": 0.0, "distance": 0.0}),
        ]
    )


def draw(regret, strategy="logme"):
    return draw_regret(regret, strategy, LOOKS[strategy], [1, 2], POOLS, TASKS, 0.95)


def bars(ax):
    """Heights of the bars that can be seen, by label and place."""
    return {
        group.get_label(): {
            round(bar.get_x() + bar.get_width() / 2, 6): bar.get_height()
            for bar in group
            if np.isfinite(bar.get_height())
        }
        for group in ax.containers
        if isinstance(group, BarContainer)
    }


def dots(ax, label):
    return [x for line in ax.lines if line.get_label() == label for x in line.get_xdata()]


def missing(ax):
    return [text.xy[0] for text in ax.texts if text.get_text() == "n/a"]


def words(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_bars_have_the_heights_of_the_table(regret):
    top = draw(regret).axes[0]
    assert bars(top) == {
        "Budget B = 1": {PLACES["digits"]: 0.4},
        "Budget B = 2": {PLACES["digits"]: 0.1, PLACES["distance"]: 0.2},
    }


def test_zero_is_a_dot_and_missing_is_said(regret):
    top = draw(regret).axes[0]
    assert dots(top, "zero at B = 1") == [PLACES["count"] + OFFSETS[0]]
    assert dots(top, "zero at B = 2") == [PLACES["count"] + OFFSETS[1]]
    assert missing(top) == [PLACES["distance"] + OFFSETS[0]]


def test_a_pool_smaller_than_the_budget_has_no_bars_for_it(regret):
    figure = draw(regret)
    assert list(bars(figure.axes[1])) == ["Budget B = 1"]
    assert missing(figure.axes[1]) == []
    assert "1 model\nB = 1: mean 0.0%\nB = 2: pool too small" in words(figure)


def test_the_mean_leaves_missing_tasks_out_and_says_so(regret):
    assert "2 models\nB = 1: mean 20.0% (2 tasks)\nB = 2: mean 10.0%" in words(draw(regret))


@pytest.mark.parametrize("strategy", ["random", "hybrid-logme"])
def test_a_strategy_without_rows_or_floor_is_drawn(regret, strategy):
    assert len(draw(regret, strategy).axes) == len(POOLS)


@pytest.fixture
def delta():
    rows = [("digits", 0.3), ("count", -0.2), ("distance", 0.0)]
    return pd.DataFrame(rows, columns=["task", "relative_delta"]).assign(
        pool="all", first="hybrid-logme", second="task-agnostic", budget=2
    )


def test_the_better_strategy_gives_a_delta_its_side_and_colour(delta):
    figure = draw_delta(delta, "hybrid-logme", "task-agnostic", 2, LOOKS, POOLS, TASKS)
    top, empty = figure.axes[:2]
    assert bars(top) == {
        "Hybrid logme is better": {PLACES["digits"]: 0.3},
        "Task-agnostic is better": {PLACES["count"]: -0.2},
    }
    for group, strategy in zip(top.containers, ["hybrid-logme", "task-agnostic"], strict=True):
        assert all(same_color(bar.get_facecolor(), LOOKS[strategy].color) for bar in group)
    assert dots(top, "equal") == [PLACES["distance"]]
    assert bars(empty) == {}
    assert "B = 2: pool too small" in words(figure)


def test_a_line_holds_every_budget_of_its_pool():
    shares = pd.DataFrame(
        {"pool": "all", "strategy": "logme", "budget": range(1, 31),
         "optimal_share": np.linspace(0, 1, 30)}
    )  # fmt: skip
    (line,) = draw_optimal_picks(shares, LOOKS, POOLS).axes[0].lines
    assert line.get_label() == "logme"
    np.testing.assert_array_equal(line.get_ydata(), shares["optimal_share"])


def test_overview_marks_top_picks_and_says_where_one_has_no_accuracy():
    index = pd.MultiIndex.from_product([PLACES, ["a", "b"]], names=["task", "model"])
    accuracies = pd.Series([0.5, 0.6, 0.7, 0.8, np.nan, 0.9], index)
    picks = pd.DataFrame(
        [("all", "logme", task, rank, model) for task in PLACES
         for rank, model in enumerate("ab", start=1)],
        columns=["pool", "strategy", "task", "rank", "model"],
    )  # fmt: skip
    ax = draw_overview(accuracies, picks, "all", ["a", "b"], LOOKS, "ALL", TASKS).axes[0]
    (marks,) = [line for line in ax.lines if line.get_label() == "logme"]
    np.testing.assert_array_equal(marks.get_ydata(), [0.5, 0.7, np.nan])
    assert missing(ax) == [PLACES["digits"]]
    (oracle,) = [c for c in ax.collections if c.get_label().startswith("Oracle")]
    assert [segment[0, 1] for segment in oracle.get_segments()] == [0.6, 0.8, 0.9]


def test_strategies_can_be_told_apart_and_keep_their_look():
    names = ["task-agnostic", "knn", "linear", "logme", "oracle-average", "random"]
    names += [f"hybrid-{name}" for name in names[1:4]]
    looks = strategy_looks(names)
    assert len({look.marker for look in looks.values()}) == len(names)
    assert len({str(look.color) for look in looks.values()}) == len(names)
    assert strategy_looks(names[::-1]) == looks


def test_the_same_table_gives_the_same_bytes(regret, tmp_path):
    for name in ("first", "second"):
        save(draw(regret), tmp_path / f"{name}.svg")
        regret = regret.iloc[::-1]
    for suffix in ("svg", "pdf"):
        first, second = ((tmp_path / f"{name}.{suffix}") for name in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
