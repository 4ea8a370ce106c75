"""Scores that strategies learn from: made up, drawn and published."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from needle.base.deltas import relative_delta
from needle.base.schema import read_yaml
from needle.scores.finished import read_model_file, read_score_file
from needle.scores.known import known_of
from needle.scores.score_table import point_values
from needle.strategies.pools import pool_members
from needle.strategies.registry import strategies

ROOT = Path(__file__).parents[2]


@cache
def published(run):
    config = read_yaml(ROOT / f"config/published/{run}.yaml")
    scores = pd.DataFrame(read_score_file(ROOT / config["scores_file"], config["unit"]))
    cards = read_model_file(ROOT / config["models_file"], list(scores["model"].unique()))
    models = pd.DataFrame(list(cards.values())).set_index("model", drop=False)
    return models, pool_members(models, config["pools"]), point_values(scores)


def table(scores, **changes):
    """Point values from scores by (task, model), and their models: only names are known."""
    points = pd.DataFrame.from_dict(scores, orient="index").assign(**changes)
    points.index = pd.MultiIndex.from_tuples(points.index, names=["task", "model"])
    names = list(points.index.unique("model"))
    columns = ["reference_accuracy", "params", "embedding_dim", "upstream_examples"]
    models = pd.DataFrame(np.nan, pd.Index(names, name="model"), columns)
    return points, models


def random_scores(tasks=4, models=5, seed=0):
    generator = np.random.default_rng(seed)
    return table(
        {
            (f"t{task}", f"m{model}"): {
                name: generator.random() for name in ("finetune", "linear", "knn")
            }
            for task in range(tasks)
            for model in range(models)
        }
    )


def rank(name, task, points, models, **others):
    known = known_of(points, models, **others).before(task)
    return strategies(points.columns)[name].rank(models, task, known)


# On `near` the proxy says what it says on the new task, on `far` the opposite.
THREE = {
    ("new", "a"): {"finetune": np.nan, "linear": 0.9},
    ("new", "b"): {"finetune": np.nan, "linear": 0.5},
    ("new", "c"): {"finetune": np.nan, "linear": 0.1},
    ("near", "a"): {"finetune": 0.5, "linear": 0.8},
    ("near", "b"): {"finetune": 0.8, "linear": 0.5},
    ("near", "c"): {"finetune": 0.2, "linear": 0.2},
    ("far", "a"): {"finetune": 0.1, "linear": 0.1},
    ("far", "b"): {"finetune": 0.2, "linear": 0.3},
    ("far", "c"): {"finetune": 0.9, "linear": 0.5},
}


def relative_regrets(name, models, points, budgets=(1, 2, 3)):
    """Mean relative regret of a strategy over all tasks, each ranked without its results."""
    found = []
    for task in points.index.unique("task"):
        accuracies = points["finetune"].loc[task]
        ranked = rank(name, task, points, models).models
        reached = [accuracies[ranked[:budget]].max() for budget in budgets]
        found.append(relative_delta(accuracies.max(), reached))
    return np.mean(found, axis=0)
