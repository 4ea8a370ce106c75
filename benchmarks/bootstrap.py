"""Time the bootstrap at the size of the paper: 46 models x 19 tasks x 5 repeats, five pools.

    python benchmarks/bootstrap.py [--resamples 1000]

The accuracies are drawn at random; only their number matters for the time.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.regret.regret_table import regret_table
from needle.scores.columns import MODEL_COLUMNS, SCORE_COLUMNS
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table
from needle.tables.delta import delta_table, mean_delta_table
from needle.tables.summary import mean_regret_table

MODELS, TASKS, REPEATS = 46, 19, 5
SIZES = {"all": 46, "dim2048": 44, "resnet-50": 37, "expert": 16, "imnetaccuracies": 15}
PAIRS = [
    ("task-agnostic", "linear", 1),
    ("task-agnostic", "knn", 1),
    ("linear", "knn", 1),
    ("hybrid-linear", "linear", 2),
    ("hybrid-knn", "knn", 2),
    ("hybrid-linear", "hybrid-knn", 2),
]


def make_tables():
    """Make models.csv and scores.csv of the paper's size."""
    generator = np.random.default_rng(0)
    names = [f"model{number}" for number in range(MODELS)]
    models = pd.DataFrame(
        {"model": names, "reference_accuracy": generator.random(MODELS)}, columns=MODEL_COLUMNS
    )
    models["contaminated_tasks"] = [[] for _ in names]
    rows = [
        (model, f"task{task}", score, repeat, value)
        for task in range(TASKS)
        for score, repeats in {"finetune": REPEATS, "linear": REPEATS, "knn": 1}.items()
        for model in names
        # Validation sets of 200 images make ties common.
        for repeat, value in enumerate(generator.integers(80, 190, repeats) / 200)
    ]
    return models.set_index("model", drop=False), pd.DataFrame(rows, columns=SCORE_COLUMNS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resamples", type=int, default=1000)
    bootstrap = parser.parse_args().resamples, 0.95, 0

    models, scores = make_tables()
    points = point_values(scores)
    members = {pool: list(models.index[:size]) for pool, size in SIZES.items()}
    picks, _ = pick_table(models, members, points)
    deltas = [dict(zip(("first", "second", "budget"), pair, strict=True)) for pair in PAIRS]

    start = time.perf_counter()
    regret = regret_table(picks, members, scores, points, *bootstrap)
    middle = time.perf_counter()
    delta = delta_table(picks, members, scores, points, deltas, *bootstrap)
    mean_regret_table(regret, *bootstrap)
    mean_delta_table(delta, *bootstrap)
    end = time.perf_counter()
    print(f"regret.csv, intervals over repeats:   {middle - start:5.2f} s")
    print(f"deltas and means over tasks, paired:  {end - middle:5.2f} s")


if __name__ == "__main__":
    main()
