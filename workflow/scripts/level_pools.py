"""Find the level pools, and the regret of every strategy in them at the shown budgets."""

import argparse
import json

import pandas as pd

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.regret.level_pools import level_members, level_pools
from needle.regret.regret_table import REGRET_COLUMNS, regret_table
from needle.scores.score_table import point_values, read_models, read_scores
from needle.scores.task_embeddings import read_task_embeddings
from needle.store.arguments import add_arguments, read_known
from needle.strategies.picks import pick_table
from needle.strategies.pools import pool_members


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", required=True)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--margin", type=float, required=True)
    parser.add_argument("--budgets", nargs="+", type=int, required=True)
    add_arguments(parser)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--members", required=True, help="table to write")
    parser.add_argument("--regret", required=True, help="table to write")
    args = parser.parse_args()

    models, scores = read_models(args.models), read_scores(args.scores)
    points = point_values(scores)
    table = level_pools(models, pool_members(models, args.pools), points, args.margin)
    write_table(args.members, table)
    members, regret = level_members(table), pd.DataFrame(columns=REGRET_COLUMNS)
    if members:
        earlier, _ = read_known(args, models.index, points.index.unique("task"))
        embeddings = read_task_embeddings(args.task_embeddings)
        picks, _ = pick_table(models, members, points, earlier, embeddings)
        bootstrap = args.resamples, args.level, args.seed
        regret = regret_table(picks, members, scores, points, *bootstrap)
        regret = regret[regret["budget"].isin(args.budgets)]
    write_table(args.regret, regret)


if __name__ == "__main__":
    run(main)
