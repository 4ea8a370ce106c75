"""Draw the regret of every strategy by pool and task."""

import argparse
import json

import pandas as pd

from needle.errors import run
from needle.figures.regret import draw_regret
from needle.figures.style import save, strategy_looks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regret", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--tasks", type=json.loads, required=True, help="task cards")
    parser.add_argument("--budgets", nargs=2, type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--strategies", nargs="+", required=True)
    parser.add_argument(
        "--svg", nargs="+", required=True, help="one for each strategy; its PDF goes beside it"
    )
    args = parser.parse_args()

    regret = pd.read_csv(args.regret)
    looks = strategy_looks(args.strategies)
    for strategy, path in zip(args.strategies, args.svg, strict=True):
        figure = draw_regret(
            regret, strategy, looks[strategy], args.budgets, args.pools, args.tasks, args.level
        )
        save(figure, path)


if __name__ == "__main__":
    run(main)
