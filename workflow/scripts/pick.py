"""Rank every pool for every task with every strategy, and name what is missing."""

import argparse
import json

import pandas as pd

from needle.base.csv_files import write_table
from needle.base.errors import NeedleError, run
from needle.base.run_tables import read_table
from needle.scores.score_table import point_values, read_models, read_scores
from needle.scores.task_embeddings import read_task_embeddings
from needle.store.arguments import add_arguments, read_known
from needle.strategies.picks import pick_table, proxy_gaps, score_gaps
from needle.strategies.pools import pool_members


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", required=True)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    add_arguments(parser)
    parser.add_argument("--missing", nargs="*", default=[], help="why proxies have no value")
    parser.add_argument("--picks", required=True, help="table to write")
    parser.add_argument("--gaps", required=True, help="table to write")
    args = parser.parse_args()

    models, scores = read_models(args.models), read_scores(args.scores)
    if lost := set(scores["model"]) - set(models.index):
        raise NeedleError(
            f"{args.models}: lacks {', '.join(sorted(lost))}, which {args.scores} has; delete it "
            "and run again"
        )
    points = point_values(scores)
    members = pool_members(models, args.pools)
    earlier, _ = read_known(args, models.index, points.index.unique("task"))
    embeddings = read_task_embeddings(args.task_embeddings)
    picks, gaps = pick_table(models, members, points, earlier, embeddings)
    write_table(args.picks, picks)
    reasons = [proxy_gaps(read_table(path)) for path in args.missing]
    missing = [score_gaps(models, members, scores, points), *reasons, gaps]
    write_table(args.gaps, pd.concat(missing))


if __name__ == "__main__":
    run(main)
