"""All figures of a run as large as the paper's: drawn, and with room for everything."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from needle.figures.correlation import draw_correlation
from needle.figures.cost import draw_cost
from needle.figures.delta import draw_delta
from needle.figures.dimension import draw_dimension
from needle.figures.optimal_picks import draw_optimal_picks
from needle.figures.overview import draw_overview
from needle.figures.quantities import QUANTITIES
from needle.figures.regret import draw_regret
from needle.figures.scatter import draw_scatter
from needle.figures.style import strategy_looks
from needle.regret.regret_table import regret_table
from needle.scores.columns import MODEL_COLUMNS, TASK_COLUMNS
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table
from needle.strategies.pools import pool_members
from needle.tables.correlation import correlation_table
from needle.tables.delta import delta_table, mean_delta_table
from needle.tables.dimension import best_by_dimension
from needle.tables.summary import mean_regret_table, optimal_pick_table

MODELS, TASKS, PROXIES = 46, 19, ["linear", "knn"]
BOOTSTRAP = {"resamples": 10, "level": 0.95, "seed": 0}
TOUCH = 1  # pixel
PAIR = {"first": "hybrid-linear", "second": "linear", "budget": 2}
POOLS = {
    "all": {"label": "ALL", "where": {}},
    **{
        f"pool{size}": {"label": f"IMNETACCURACIES{size}", "where": {"params": {"max": size}}}
        for size in (1, 15, 37, 44)
    },
}


@pytest.fixture(scope="module")
def tables():
    rng = np.random.default_rng(0)
    models = pd.DataFrame(
        dict.fromkeys(MODEL_COLUMNS)
        | {
            "model": [f"m{number}" for number in range(MODELS)],
            "params": range(1, MODELS + 1),
            "contaminated_tasks": [[] for _ in range(MODELS)],
            "embedding_dim": rng.choice([128, 1024, 1280, 2048, 4320], MODELS),
            "reference_accuracy": rng.uniform(0.6, 0.9, MODELS),
        }
    ).set_index("model", drop=False)  # fmt: skip
    tasks = pd.DataFrame(
        [(f"t{place}", f"Retinopathy{place}", f"group{place // 7}") for place in range(TASKS)],
        columns=TASK_COLUMNS,
    )
    rows = [
        (model, task, score, repeat, rng.uniform())
        for model in models.index for task in tasks["task"]
        for score in ["finetune", *PROXIES] for repeat in range(2)
    ]  # fmt: skip
    scores = pd.DataFrame(rows, columns=["model", "task", "score", "repeat", "value"])
    points, members = point_values(scores), pool_members(models, POOLS)
    picks, _ = pick_table(models, members, points)
    regret = regret_table(picks, members, scores, points, **BOOTSTRAP)
    delta = delta_table(picks, members, scores, points, [PAIR], **BOOTSTRAP)
    cost = mean_regret_table(regret, **BOOTSTRAP).assign(
        share_of_exhaustive=lambda rows: rows["budget"] / MODELS
    )
    return {
        "tasks": tasks, "points": points, "members": members, "picks": picks, "regret": regret,
        "delta": delta, "mean_delta": mean_delta_table(delta, **BOOTSTRAP), "cost": cost,
        "optimal_picks": optimal_pick_table(regret),
        "correlation": correlation_table(members, points, regret),
        "best": best_by_dimension(models, points, "knn"),
    }  # fmt: skip


@pytest.fixture
def figures(tables):
    """Every kind of figure, by name."""
    tasks, members = tables["tasks"], tables["members"]
    looks = strategy_looks([*tables["picks"]["strategy"].unique(), "random"])
    bars = [POOLS, tasks, BOOTSTRAP["level"]]
    about = ["all", members["all"]]
    scattered = tables["points"], tables["picks"], tables["correlation"]
    compared = tables["delta"], tables["mean_delta"], PAIR
    return {
        **{
            f"{quantity.name} regret": draw_regret(
                tables["regret"], "linear", looks["linear"], [1, 2], *bars, quantity
            )
            for quantity in QUANTITIES
        },
        **{
            f"{quantity.name} delta": draw_delta(*compared, looks, *bars, quantity)
            for quantity in QUANTITIES
        },
        "optimal picks": draw_optimal_picks(tables["optimal_picks"], looks, POOLS),
        "overview": draw_overview(
            tables["points"]["finetune"], tables["picks"], *about, looks, "ALL", tasks
        ),
        "scatter": draw_scatter(*scattered, *about, "linear", looks["linear"], "ALL", tasks),
        "correlation": draw_correlation(tables["correlation"], looks, POOLS, tasks),
        "dimension": draw_dimension(tables["best"], looks["knn"], tasks),
        "cost": draw_cost(tables["cost"], looks, POOLS),
    }


def boxes(figure):
    """What is drawn beside each other: title, labels, legend, and axes with all that is theirs."""
    for panel in [figure, *figure.subfigs]:
        for words in (panel._suptitle, panel._supxlabel, panel._supylabel, *panel.legends):
            if words is not None:
                yield str(words), words.get_window_extent()
    for place, ax in enumerate(figure.axes):
        yield f"axes {place}", ax.get_tightbbox()


def overlap(first, second):
    width = min(first.x1, second.x1) - max(first.x0, second.x0)
    height = min(first.y1, second.y1) - max(first.y0, second.y0)
    return min(width, height) > TOUCH


@pytest.mark.filterwarnings("error")  # matplotlib warns if a layout has no room
def test_nothing_is_drawn_over_its_neighbour(figures):
    for name, figure in figures.items():
        figure.draw_without_rendering()
        for (first, one), (second, other) in combinations(boxes(figure), 2):
            assert not overlap(one, other), (name, first, second)
