"""Draw the compared pairs of strategies by pool and task."""

import argparse
import json

import pandas as pd

from needle.errors import run
from needle.figures.delta import draw_delta
from needle.figures.style import save, strategy_looks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delta", required=True)
    parser.add_argument("--deltas", type=json.loads, required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--tasks", type=json.loads, required=True, help="task cards")
    parser.add_argument("--strategies", nargs="+", required=True)
    parser.add_argument(
        "--svg", nargs="*", required=True, help="one for each delta; its PDF goes beside it"
    )
    args = parser.parse_args()

    table = pd.read_csv(args.delta)
    looks = strategy_looks(args.strategies)
    for pair, path in zip(args.deltas, args.svg, strict=True):
        save(draw_delta(table, **pair, looks=looks, pools=args.pools, tasks=args.tasks), path)


if __name__ == "__main__":
    run(main)
