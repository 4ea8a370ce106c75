"""Compute the regret of every strategy, and compare pairs of strategies."""

import argparse
import json

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.run_tables import read_table
from needle.regret.regret_table import regret_table
from needle.scores.score_table import point_values, read_models, read_scores
from needle.strategies.pools import pool_members
from needle.tables.delta import delta_table


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", required=True)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--picks", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--deltas", type=json.loads, required=True)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--regret", required=True, help="table to write")
    parser.add_argument("--delta", required=True, help="table to write")
    args = parser.parse_args()

    scores = read_scores(args.scores)
    members = pool_members(read_models(args.models), args.pools)
    known = read_table(args.picks), members, scores, point_values(scores)
    bootstrap = args.resamples, args.level, args.seed
    write_table(args.regret, regret_table(*known, *bootstrap))
    write_table(args.delta, delta_table(*known, args.deltas, *bootstrap))


if __name__ == "__main__":
    run(main)
