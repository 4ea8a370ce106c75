"""Write the tables that the figures and the report show."""

import argparse
import json

import pandas as pd

from needle.errors import run
from needle.files import write_table
from needle.scores import read_scores
from needle.tables import delta_table, mean_regret_table, noise_table, optimal_pick_table


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--regret", required=True)
    parser.add_argument("--deltas", type=json.loads, required=True)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    for table in ("mean-regret", "delta", "optimal-picks", "noise"):
        parser.add_argument(f"--{table}", required=True, help="table to write")
    args = parser.parse_args()

    regret = pd.read_csv(args.regret)
    write_table(args.mean_regret, mean_regret_table(regret, args.resamples, args.level, args.seed))
    write_table(args.delta, delta_table(regret, args.deltas))
    write_table(args.optimal_picks, optimal_pick_table(regret))
    write_table(args.noise, noise_table(read_scores(args.scores)))


if __name__ == "__main__":
    run(main)
