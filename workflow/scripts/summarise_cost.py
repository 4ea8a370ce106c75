"""Write what each strategy spends beside the regret it reaches, and what all find at equal cost."""

import argparse
import json

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.run_tables import read_table
from needle.scores.score_table import point_values, read_models, read_scores
from needle.strategies.pools import pool_members
from needle.strategies.registry import strategies
from needle.tables.cost import cost_table, spending_table
from needle.tables.equal_cost import equal_cost_table


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for table in ("seconds", "models", "scores", "picks", "regret"):
        parser.add_argument(f"--{table}", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--cost", required=True, help="table to write")
    parser.add_argument("--equal-cost", required=True, help="table to write")
    args = parser.parse_args()

    seconds, picks, regret = map(read_table, (args.seconds, args.picks, args.regret))
    points = point_values(read_scores(args.scores))
    members = pool_members(read_models(args.models), args.pools)
    known = strategies(score for score in points.columns if score != "finetune")
    spending = spending_table(seconds, picks, members, regret, known, points)
    write_table(args.cost, cost_table(spending))
    write_table(args.equal_cost, equal_cost_table(spending, args.resamples, args.level, args.seed))


if __name__ == "__main__":
    run(main)
