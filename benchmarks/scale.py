"""Time strategies, regret and means on a score table of 10,000 models x 100 tasks x 3 proxies.

    python benchmarks/scale.py [--models 10000] [--tasks 100] [--rounds 3]

Scores are random; two proxies are coarse, as on small validation sets, so that ties are common.
Two tables of figures: every step of the analysis at every budget, in processor seconds, beside the
bytes of the tables it makes and the time that writing them once takes here; then the regret of one
ranking, with the expectation over its ties, in turns with the same from one budget at a time.
"""

import argparse
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.base.deltas import relative_regret
from needle.machine import job_memory
from needle.regret.formulas import best_by_budget, expected_regrets, tie_outcomes
from needle.regret.regret_table import rankings_of, regret_table
from needle.scores.columns import MODEL_COLUMNS, SCORE_COLUMNS
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table
from needle.tables.summary import budget_table, mean_regret_table, optimal_pick_table

BOOTSTRAP = 1000, 0.95, 0
LEVELS = {"finetune": 10_000, "linear": 1000, "knn": 200, "logme": 10**9}  # images, but for logme


def make_tables(models, tasks):
    """Make models.csv and scores.csv, with one repeat."""
    generator = np.random.default_rng(0)
    names = [f"model{number}" for number in range(models)]
    cards = pd.DataFrame(
        {"model": names, "reference_accuracy": generator.random(models)}, columns=MODEL_COLUMNS
    )
    cards["contaminated_tasks"] = [[] for _ in names]
    quality = generator.normal(size=models)
    blocks = [
        pd.DataFrame({"model": names, "task": f"task{task}", "score": score, "repeat": 0,
                      "value": np.round(levels / (1 + np.exp(-quality - noise))) / levels})
        for score, levels in LEVELS.items()
        for task, noise in enumerate(generator.normal(size=(tasks, models)))
    ]  # fmt: skip
    scores = pd.concat(blocks, ignore_index=True)[SCORE_COLUMNS]
    return cards.set_index("model", drop=False), scores


def seconds_of(function, *arguments):
    """Call a function: its result and the processor seconds that it took."""
    start = time.process_time()
    result = function(*arguments)
    return result, time.process_time() - start


def measure_steps(models, scores):
    """Run every step once and print what it takes."""
    members = {"all": list(models.index)}
    total = 0

    def step(name, function, *arguments):
        nonlocal total
        result, seconds = seconds_of(function, *arguments)
        total += seconds
        print(f"{name:24} {seconds:6.1f} s")
        return result

    points = step("point values", point_values, scores)
    picks, _ = step("picks", pick_table, models, members, points)
    regret = step("regret", regret_table, picks, members, scores, points, *BOOTSTRAP)
    step("mean regret", mean_regret_table, regret, *BOOTSTRAP)
    step("optimal picks", optimal_pick_table, regret)
    step("budget to zero regret", budget_table, picks, members, points)
    memory = job_memory.peak(resource.getrusage(resource.RUSAGE_SELF)) / 2**10
    print(f"{'all':24} {total:6.1f} s, {memory:.2f} GiB at most")

    size = sum(table.memory_usage().sum() for table in (picks, regret))
    _, least = seconds_of(np.ones, size // 8)
    print(f"picks and regret: {len(picks):,} and {len(regret):,} rows, {size / 2**30:.2f} GiB;")
    print(f"to write as many bytes once: {least:.1f} s")
    return points, rankings_of(picks, members)


def at_once(oracle, accuracies, tied_ranks):
    """Compute relative regret and its expectation for all budgets."""
    best = best_by_budget(accuracies, np.arange(len(accuracies)))
    return relative_regret(oracle, best), expected_regrets(oracle, accuracies, tied_ranks)


def one_by_one(oracle, accuracies, tied_ranks):
    """Compute them from the picks of every budget."""
    rows = []
    for budget in range(1, len(accuracies) + 1):
        values, probabilities = tie_outcomes(accuracies, tied_ranks, budget)
        regret = relative_regret(oracle, np.fmax.reduce(accuracies[:budget]))
        rows.append((regret, relative_regret(oracle, values) @ probabilities))
    return np.transpose(rows)


def measure_ranking(accuracies, ranking, rounds):
    """Set all budgets at once beside one at a time, in turns."""
    places, tied_ranks = ranking
    known = np.nanmax(accuracies), accuracies[places], tied_ranks
    times = {at_once: [], one_by_one: []}
    for _ in range(rounds):
        results = []
        for function, taken in times.items():
            result, seconds = seconds_of(function, *known)
            results.append(result)
            taken.append(seconds)
    off = np.abs(np.subtract(*results)).max()
    fast, slow = (statistics.median(taken) for taken in times.values())
    print(f"one ranking by kNN, {len(places):,} budgets: at once {1000 * fast:.1f} ms, one by one")
    print(f"{1000 * slow:.0f} ms, {slow / fast:.0f} times as much; they differ by {off:.0e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    models, scores = make_tables(args.models, args.tasks)
    points, rankings = measure_steps(models, scores)
    accuracies = points["finetune"].loc["task0"].reindex(models.index).to_numpy()
    measure_ranking(accuracies, rankings["all", "knn", "task0"], args.rounds)


if __name__ == "__main__":
    main()
