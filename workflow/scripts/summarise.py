"""Write the tables that the figures and the report show."""

import argparse
import json

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.run_tables import read_table
from needle.scores.score_table import point_values, read_models, read_scores
from needle.strategies.pools import pool_members
from needle.tables.correlation import correlation_table
from needle.tables.delta import mean_delta_table
from needle.tables.noise import noise_table
from needle.tables.summary import budget_table, mean_regret_table, optimal_pick_table


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for table in ("models", "scores", "picks", "regret", "delta"):
        parser.add_argument(f"--{table}", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    for table in (
        "mean-regret",
        "mean-delta",
        "optimal-picks",
        "budget-to-zero-regret",
        "correlation",
        "noise",
    ):
        parser.add_argument(f"--{table}", required=True, help="table to write")
    args = parser.parse_args()

    scores = read_scores(args.scores)
    points = point_values(scores)
    members = pool_members(read_models(args.models), args.pools)
    picks, regret, delta = map(read_table, (args.picks, args.regret, args.delta))
    bootstrap = args.resamples, args.level, args.seed
    write_table(args.mean_regret, mean_regret_table(regret, *bootstrap))
    write_table(args.mean_delta, mean_delta_table(delta, *bootstrap))
    write_table(args.optimal_picks, optimal_pick_table(regret))
    write_table(args.budget_to_zero_regret, budget_table(picks, members, points))
    write_table(args.correlation, correlation_table(members, points, regret))
    write_table(args.noise, noise_table(scores))


if __name__ == "__main__":
    run(main)
