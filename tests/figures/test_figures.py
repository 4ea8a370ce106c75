"""What is drawn is what the tables say."""

import numpy as np
import pandas as pd
import pytest
from drawn import bars, dots, legend, missing, uprights, words
from matplotlib.colors import same_color

from needle.figures.delta import draw_delta
from needle.figures.optimal_picks import draw_optimal_picks
from needle.figures.overview import draw_overview
from needle.figures.quantities import LOG_ODDS, QUANTITIES, RELATIVE
from needle.figures.regret import OFFSETS, draw_regret
from needle.figures.style import save, strategy_looks

TASKS = pd.DataFrame(
    [
        ("count", "Count", "structured"),
        ("digits", "Digits", "natural"),
        ("distance", "Distance", "structured"),
    ],
    columns=["task", "label", "group"],
)
PLACES = {"count": 0.0, "distance": 1.0, "digits": 2.8}  # groups together, in declared order
POOLS = {"all": {"label": "ALL"}, "one": {"label": "ONE"}}
# `mine` is a proxy that nobody has heard of.
LOOKS = strategy_looks(["task-agnostic", "mine", "hybrid-mine", "oracle-average", "random"])


def regret_rows(pool, strategy, budget, values):
    """Rows of regret.csv for one budget, from relative regret by task."""
    return pd.DataFrame(
        {"pool": pool, "strategy": strategy, "budget": budget, "task": list(values),
         "relative_regret": list(values.values()), "low": 0.0, "high": 0.5,
         "logodds_regret": [3 * value for value in values.values()]}
    )  # fmt: skip


@pytest.fixture
def regret():
    return pd.concat(
        [
            regret_rows("all", "mine", 1, {"digits": 0.4, "count": 0.0, "distance": np.nan}),
            regret_rows("all", "mine", 2, {"digits": 0.1, "count": 0.0, "distance": 0.2}),
            regret_rows("one", "mine", 1, {"digits": 0.0, "count": 0.0, "distance": 0.0}),
            regret_rows("all", "random", 1, {"digits": 0.5, "count": 0.3, "distance": 0.3}),
            regret_rows("one", "random", 1, {"digits": 0.0, "count": 0.0, "distance": 0.0}),
        ]
    )


def draw(regret, strategy="mine", quantity=RELATIVE):
    return draw_regret(regret, strategy, LOOKS[strategy], [1, 2], POOLS, TASKS, 0.95, quantity)


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


@pytest.mark.parametrize("strategy", ["random", "hybrid-mine"])
def test_a_strategy_without_rows_or_floor_is_drawn(regret, strategy):
    assert len(draw(regret, strategy).axes) == len(POOLS)


def test_log_odds_have_bars_of_their_own_and_no_intervals(regret):
    figure = draw(regret, quantity=LOG_ODDS)
    top = figure.axes[0]
    assert bars(top)["Budget B = 2"] == pytest.approx(
        {PLACES["digits"]: 0.3, PLACES["distance"]: 0.6}
    )
    assert uprights(top, "interval over repeats") == {}
    assert "2 models\nB = 1: mean 0.60 (2 tasks)\nB = 2: mean 0.30" in words(figure)


def test_an_infinite_value_is_said_and_left_out_of_the_mean(regret):
    is_distance = (regret["task"] == "distance") & (regret["budget"] == 2)
    regret.loc[is_distance, "logodds_regret"] = np.inf
    figure = draw(regret, quantity=LOG_ODDS)
    assert missing(figure.axes[0], "inf") == [PLACES["distance"] + OFFSETS[1]]
    assert list(bars(figure.axes[0])["Budget B = 2"]) == [PLACES["digits"]]
    assert "2 models\nB = 1: mean 0.60 (2 tasks)\nB = 2: mean 0.15 (2 tasks)" in words(figure)
    assert figure.axes[0].get_ylim()[1] < 2


def test_intervals_stand_at_their_bars_and_only_where_they_are(regret):
    regret.loc[regret["task"] == "count", ["low", "high"]] = np.nan
    figure = draw(regret)
    shown = uprights(figure.axes[0], "interval over repeats")
    assert shown == {
        round(PLACES[task] + offset, 6): (0.0, 0.5)
        for task in ("digits", "distance")
        for offset in OFFSETS
    }
    assert "95% interval over repeats" in legend(figure)
    assert "95% interval over repeats" not in legend(draw(regret.assign(low=np.nan, high=np.nan)))


def test_tasks_without_groups_have_no_names_of_groups(regret):
    tasks = TASKS.assign(group="")
    figure = draw_regret(regret, "mine", LOOKS["mine"], [1, 2], POOLS, tasks, 0.95, RELATIVE)
    assert not figure.axes[0].child_axes
    assert [label.get_text() for label in figure.axes[1].get_xticklabels()] == list(tasks["label"])


@pytest.fixture
def delta():
    rows = [("digits", 0.3, 0.1, 0.4), ("count", -0.2, np.nan, np.nan), ("distance", 0, 0, 0)]
    return pd.DataFrame(rows, columns=["task", "relative_delta", "low", "high"]).assign(
        **PAIR, pool="all", logodds_delta=[1.5, -1.0, -np.inf]
    )


@pytest.fixture
def mean_delta():
    row = PAIR | {"pool": "all", "tasks": 3, "mean_relative_delta": 0.123}
    return pd.DataFrame([row | {"low": -0.05, "high": 0.3}])


PAIR = {"first": "hybrid-mine", "second": "task-agnostic", "budget": 2}


def compare(delta, mean_delta, quantity=RELATIVE):
    return draw_delta(delta, mean_delta, PAIR, LOOKS, POOLS, TASKS, 0.9, quantity)


def test_the_better_strategy_gives_a_delta_its_side_and_colour(delta, mean_delta):
    figure = compare(delta, mean_delta)
    top, empty = figure.axes[:2]
    assert bars(top) == {
        "Hybrid mine is better": {PLACES["digits"]: 0.3},
        "Task-agnostic is better": {PLACES["count"]: -0.2},
    }
    for group, strategy in zip(top.containers, ["hybrid-mine", "task-agnostic"], strict=True):
        assert all(same_color(bar.get_facecolor(), LOOKS[strategy].color) for bar in group)
    assert dots(top, "equal") == [PLACES["distance"]]
    assert bars(empty) == {}
    assert "B = 2: pool too small" in words(figure)


def test_a_delta_has_the_intervals_of_both_tables(delta, mean_delta):
    figure = compare(delta, mean_delta)
    shown = uprights(figure.axes[0], "90% interval over repeats")
    assert shown == {PLACES["digits"]: (0.1, 0.4), PLACES["distance"]: (0.0, 0.0)}
    assert any(note.startswith("mean +12.3% [−5.0, 30.0]\n") for note in words(figure))
    bare = compare(delta, mean_delta.assign(low=np.nan, high=np.nan))
    assert any(note.startswith("mean +12.3%\n") for note in words(bare))


def test_a_log_odds_delta_is_drawn_without_what_is_infinite(delta, mean_delta):
    figure = compare(delta, mean_delta, LOG_ODDS)
    assert bars(figure.axes[0])["Hybrid mine is better"] == {PLACES["digits"]: 1.5}
    assert missing(figure.axes[0], "−inf") == [PLACES["distance"]]
    (note,) = [note for note in words(figure) if note.startswith("mean")]
    assert note == (
        "mean +0.25 (2 tasks)\nHybrid mine better on 1\nTask-agnostic better on 2\nequal on 0"
    )
    assert uprights(figure.axes[0], "interval over repeats") == {}


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_delta_without_any_value_says_so(delta, mean_delta, quantity):
    nothing = delta.assign(relative_delta=np.nan, logodds_delta=np.nan)
    figure = compare(nothing, mean_delta.assign(mean_relative_delta=np.nan), quantity)
    assert len(missing(figure.axes[0])) == 3
    assert any(note.startswith("n/a\n") for note in words(figure))


def test_a_line_holds_every_budget_of_its_pool():
    shares = pd.DataFrame(
        {"pool": "all", "strategy": "mine", "budget": range(1, 31),
         "optimal_share": np.linspace(0, 1, 30)}
    )  # fmt: skip
    (line,) = draw_optimal_picks(shares, LOOKS, POOLS).axes[0].lines
    assert line.get_label() == "mine"
    np.testing.assert_array_equal(line.get_ydata(), shares["optimal_share"])


def test_overview_marks_top_picks_and_says_where_one_has_no_accuracy():
    index = pd.MultiIndex.from_product([PLACES, ["a", "b"]], names=["task", "model"])
    accuracies = pd.Series([0.5, 0.6, 0.7, 0.8, np.nan, 0.9], index)
    picks = pd.DataFrame(
        [("all", "mine", task, rank, model) for task in PLACES
         for rank, model in enumerate("ab", start=1)],
        columns=["pool", "strategy", "task", "rank", "model"],
    )  # fmt: skip
    ax = draw_overview(accuracies, picks, "all", ["a", "b"], LOOKS, "ALL", TASKS).axes[0]
    (marks,) = [line for line in ax.lines if line.get_label() == "mine"]
    np.testing.assert_array_equal(marks.get_ydata(), [0.5, 0.7, np.nan])
    assert missing(ax) == [PLACES["digits"]]
    (oracle,) = [c for c in ax.collections if c.get_label().startswith("Oracle")]
    assert [segment[0, 1] for segment in oracle.get_segments()] == [0.6, 0.8, 0.9]


def test_strategies_can_be_told_apart_and_keep_their_look():
    names = ["task-agnostic", "knn", "linear", "mine", "oracle-average", "random"]
    names += [f"hybrid-{name}" for name in names[1:4]]
    looks = strategy_looks(names)
    assert len({look.marker for look in looks.values()}) == len(names)
    assert len({str(look.color) for look in looks.values()}) == len(names)
    assert strategy_looks(names[::-1]) == looks


def test_dollars_in_names_are_dollars(regret, tmp_path):
    """As formulas, these would be an error or other text."""
    labels = ["$\\frac$", "$a$ & $b$", "<b>"]
    pools = {"all": {"label": "$x^2$"}, "one": {"label": "50 %"}}
    figure = draw_regret(
        regret, "mine", LOOKS["mine"], [1, 2], pools, TASKS.assign(label=labels), 0.95, RELATIVE
    )
    save(figure, tmp_path / "regret.svg")
    text = (tmp_path / "regret.svg").read_text(encoding="utf-8")
    assert all(f"<!-- {name} -->" in text for name in ("$\\frac$", "$x^2$", "50 %"))


def test_the_same_table_gives_the_same_bytes(regret, tmp_path):
    for name in ("first", "second"):
        save(draw(regret), tmp_path / f"{name}.svg")
        regret = regret.iloc[::-1]
    for suffix in ("svg", "pdf"):
        first, second = ((tmp_path / f"{name}.{suffix}") for name in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
