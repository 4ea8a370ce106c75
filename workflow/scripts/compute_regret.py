"""Compute the regret of every strategy for every pool, task and budget."""

import argparse
import json

import pandas as pd

from needle.errors import run
from needle.files import write_table
from needle.scores import point_values, read_models, read_scores
from needle.tables import pool_members, regret_table


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", required=True)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--picks", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    scores = read_scores(args.scores)
    members = pool_members(read_models(args.models), args.pools)
    picks = pd.read_csv(args.picks)
    write_table(
        args.output,
        regret_table(
            picks, members, scores, point_values(scores), args.resamples, args.level, args.seed
        ),
    )


if __name__ == "__main__":
    run(main)
