"""Figures of proxies, dimensions and cost: what is drawn is what the tables say."""

import numpy as np
import pandas as pd
import pytest
from drawn import legend, missing, points, uprights, words

from needle.figures.correlation import draw_correlation, telling_rows
from needle.figures.cost import draw_cost
from needle.figures.dimension import draw_dimension
from needle.figures.scatter import draw_scatter
from needle.figures.style import strategy_looks

TASKS = pd.DataFrame({"task": ["t1", "t2"], "label": ["One", "Two"], "group": ""})
POOLS = {"all": {"label": "ALL"}, "ab": {"label": "AB"}}
LOOKS = strategy_looks(["task-agnostic", "knn", "linear", "oracle-average", "random"])


@pytest.fixture
def scores():
    """On t1 the proxy picks b and a is best; on t2 nothing has a proxy score."""
    index = pd.MultiIndex.from_product([["t1", "t2"], ["a", "b", "c", "d"]])
    table = pd.DataFrame({"finetune": [0.9, 0.7, 0.5, np.nan] * 2, "linear": np.nan}, index)
    table.loc["t1", "linear"] = [0.4, 0.6, 0.2, 0.3]
    return table.rename_axis(["task", "model"])


PICKS = pd.DataFrame(
    [("all", "linear", "t1", 1, "b"), ("all", "linear", "t1", 2, "a"),
     ("ab", "linear", "t1", 1, "a"), ("all", "knn", "t1", 1, "c")],
    columns=["pool", "strategy", "task", "rank", "model"],
)  # fmt: skip
CORRELATION = pd.DataFrame(
    [("all", "linear", "t1", 0.5, 0.2), ("all", "linear", "t2", np.nan, np.nan),
     ("ab", "linear", "t1", -0.25, 0.0)],
    columns=["pool", "proxy", "task", "pearson", "absolute_regret"],
)  # fmt: skip


def scatter(scores, pool="all", models=("a", "b", "c", "d"), tasks=TASKS):
    return draw_scatter(
        scores, PICKS, CORRELATION, pool, list(models), "linear", LOOKS["linear"], "ALL", tasks
    )


def test_scatter_shows_models_with_both_values_oracle_and_pick(scores):
    top = scatter(scores).axes[0]
    assert points(top, "Model") == [(0.4, 0.9), (0.6, 0.7), (0.2, 0.5)]
    assert points(top, "Oracle: best of the pool") == [(0.4, 0.9)]
    assert points(top, "First pick of Linear") == [(0.6, 0.7)]
    assert uprights(top, "Absolute regret") == {0.6: (0.7, 0.9)}


def test_scatter_says_correlation_and_regret_of_its_pool(scores):
    figure = scatter(scores)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["One", "Two"]
    assert "R = 0.50, regret 20.0 points" in words(figure)
    assert "R = −0.25, no regret" in words(scatter(scores, "ab", "ab"))


def test_scatter_of_a_pool_shows_no_other_models(scores):
    (panel,) = scatter(scores, "ab", "ab", TASKS[:1]).axes
    assert points(panel, "Model") == [(0.4, 0.9), (0.6, 0.7)]
    assert points(panel, "First pick of Linear") == [(0.4, 0.9)]


def test_scatter_says_where_there_are_no_scores(scores):
    figure = scatter(scores)
    assert {"R = n/a, regret n/a", "no scores"} <= set(words(figure))
    assert not figure.axes[1].lines


def test_an_oracle_without_proxy_score_has_no_ring_but_keeps_its_accuracy(scores):
    scores.loc[("t1", "d"), ["finetune", "linear"]] = 0.95, np.nan
    top = scatter(scores).axes[0]
    assert points(top, "Oracle: best of the pool") == []
    assert uprights(top, "Absolute regret") == {0.6: (0.7, 0.95)}


def test_scatter_without_the_accuracy_of_its_pick_shows_the_models(scores):
    scores.loc[("t1", "b"), "finetune"] = np.nan
    top = scatter(scores).axes[0]
    assert points(top, "Model") == [(0.4, 0.9), (0.2, 0.5)]
    assert points(top, "First pick of Linear") == []


def correlation_rows(*rows):
    """Rows of tables/correlation.csv from pool, proxy, task, the three measures and regret."""
    measures = ["pearson", "kendall", "weighted_kendall"]
    return pd.DataFrame(rows, columns=["pool", "proxy", "task", *measures, "relative_regret"])


def test_correlation_and_regret_have_a_dot_in_every_panel_if_both_are_known():
    table = correlation_rows(
        ("all", "linear", "t1", 0.8, 0.6, 0.7, 0.3),
        ("all", "linear", "t2", np.nan, 0.2, 0.1, 0.0),
        ("all", "knn", "t1", 0.1, 0.0, -0.9, 0.2),
        ("all", "knn", "t2", 0.5, 0.5, 0.5, np.nan),
    )
    figure = draw_correlation(table, LOOKS, POOLS, TASKS)
    pearson, kendall, weighted = figure.axes
    assert points(pearson, "Linear") == [(0.8, 0.3)]
    assert points(kendall, "Linear") == [(0.6, 0.3), (0.2, 0.0)]
    assert points(weighted, "kNN") == [(-0.9, 0.2)]
    assert legend(figure) == ["Linear", "kNN"]
    assert pearson.get_xlim()[0] < -0.9  # all panels share their axes


def test_the_most_telling_dots_are_named_in_the_panel_of_pearson():
    table = correlation_rows(
        ("all", "linear", "t1", 0.8, 0.6, 0.7, 0.3),
        ("all", "linear", "t2", 0.9, 0.6, 0.7, 0.1),
        ("ab", "knn", "t2", -0.1, 0.6, 0.7, 0.0),
        ("ab", "knn", "t1", 0.25, 0.6, 0.7, 0.0),
        ("ab", "linear", "t1", 0.0, 0.6, 0.7, 0.05),
    )
    figure = draw_correlation(table, LOOKS, POOLS, TASKS)
    notes = {text.get_text(): text.xy for text in figure.axes[0].texts if hasattr(text, "xy")}
    assert notes == {"kNN on\nTwo, AB": (-0.1, 0.0), "Linear on\nOne, ALL": (0.8, 0.3)}
    assert not any(hasattr(text, "xy") for ax in figure.axes[1:] for text in ax.texts)


def test_nothing_is_telling_where_correlation_and_regret_agree():
    agree = [
        ("all", "linear", "t1", 0.9, 0.9, 0.9, 0.0),
        ("all", "linear", "t2", 0.2, 0.2, 0.2, 0.5),
        ("ab", "linear", "t1", 0.31, 0.2, 0.2, 0.0),
        ("ab", "linear", "t2", 0.49, 0.2, 0.2, 0.4),
    ]
    assert telling_rows(correlation_rows(*agree)) == []


@pytest.mark.parametrize("rows", [[], [("all", "linear", "t1", np.nan, np.nan, np.nan, np.nan)]])
def test_correlation_without_any_dot_is_drawn(rows):
    figure = draw_correlation(correlation_rows(*rows), LOOKS, POOLS, TASKS)
    figure.draw_without_rendering()
    assert not any(ax.lines for ax in figure.axes)


BEST = pd.DataFrame(
    [("t1", 64, 2, 0.5), ("t1", 512, 3, 0.7), ("t1", 2048, 1, 0.6), ("t2", 64, 1, 0.3),
     ("t2", 512, 1, 0.4)],
    columns=["task", "embedding_dim", "models", "best"],
)  # fmt: skip


def test_dimensions_are_in_order_with_their_models_and_correlation():
    figure = draw_dimension(BEST, LOOKS["knn"], TASKS)
    first, second = figure.axes
    assert [text.get_text() for text in first.get_xticklabels()] == [
        "64 (2)",
        "512 (3)",
        "2048 (1)",
    ]
    np.testing.assert_array_equal(first.lines[0].get_ydata(), [0.5, 0.7, 0.6])
    np.testing.assert_array_equal(second.lines[0].get_ydata(), [0.3, 0.4, np.nan])
    # Deviations of the dimensions, times 3: -2432, -1088, 3520; of the scores, times 10: -1, 1, 0.
    r = (2432 - 1088) / np.sqrt((2432**2 + 1088**2 + 3520**2) * 2)
    assert words(figure) == [f"R = {r:.2f}", "R = n/a"]


def test_a_constant_score_has_no_correlation_with_dimension():
    figure = draw_dimension(BEST.assign(best=0.5)[:3], LOOKS["knn"], TASKS)
    assert words(figure) == ["R = n/a", "R = n/a", "no scores"]


def test_dimensions_that_nobody_knows_are_drawn():
    figure = draw_dimension(BEST[:0], LOOKS["knn"], TASKS)
    figure.draw_without_rendering()
    assert words(figure).count("no scores") == len(TASKS)


def cost_rows(pool, strategy, costs, regrets):
    """Rows of tables/cost.csv for budgets 1, 2, ..."""
    return pd.DataFrame(
        {"pool": pool, "strategy": strategy, "budget": range(1, len(costs) + 1),
         "share_of_exhaustive": costs, "mean_relative_regret": regrets}
    )  # fmt: skip


def test_cost_has_a_line_for_each_strategy_of_the_table():
    table = pd.concat(
        [
            cost_rows("all", "linear", [0.3, 0.6, 1.1], [0.2, 0.1, 0.0])[::-1],
            cost_rows("all", "random", [0.25, 0.5, np.nan], [0.4, 0.3, 0.2]),
        ]
    )
    figure = draw_cost(table, LOOKS, POOLS)
    panel, empty = figure.axes
    assert points(panel, "Linear") == [(0.3, 0.2), (0.6, 0.1), (1.1, 0.0)]
    assert points(panel, "Random") == [(0.25, 0.4), (0.5, 0.3)]
    assert legend(figure) == ["Linear", "Random"]
    assert panel.get_xscale() == "log"
    assert [text.get_text() for text in empty.texts] == ["no cost known"]
    assert empty.get_title() == "AB"


def test_halving_has_a_look_of_its_own_and_takes_nobody_elses():
    names = ["task-agnostic", "linear", "knn", "random"]
    looks = strategy_looks([*names, "halving"])
    assert {name: looks[name] for name in names} == strategy_looks(names)
    assert looks["halving"].label == "Successive halving"
    assert looks["halving"].color not in {looks[name].color for name in names}
    figure = draw_cost(cost_rows("all", "halving", [0.3, 0.6], [0.1, 0.0]), looks, POOLS)
    assert points(figure.axes[0], "Successive halving") == [(0.3, 0.1), (0.6, 0.0)]


def test_cost_names_a_budget_once_where_markers_are_together():
    table = pd.concat(
        cost_rows("all", name, [0.1, 0.5], [0.4, value])
        for name, value in [("task-agnostic", 0.3), ("linear", 0.1)]
    )
    panel = draw_cost(table, LOOKS, POOLS).axes[0]
    assert missing(panel, "1") == [0.1]
    assert missing(panel, "2") == [0.5, 0.5]


def test_cost_without_any_regret_is_drawn():
    figure = draw_cost(cost_rows("all", "linear", [0.3, 0.6], [0.0, 0.0]), LOOKS, POOLS)
    figure.draw_without_rendering()
    assert points(figure.axes[0], "Linear") == [(0.3, 0.0), (0.6, 0.0)]
