"""Set a run beside what it was without the models that joined it last."""

import argparse
import json

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.run_tables import read_table
from needle.regret.without_models import newly_best, regret_without, with_and_without
from needle.scores.additions import additions, write_additions
from needle.scores.score_table import point_values, read_models, read_scores
from needle.scores.task_embeddings import read_task_embeddings
from needle.store.arguments import add_arguments, read_known
from needle.strategies.pools import pool_members


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for table in ("models", "scores", "regret"):
        parser.add_argument(f"--{table}", required=True)
    add_arguments(parser)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    for table in ("without", "newly-best"):
        parser.add_argument(f"--{table}", required=True, help="table to write")
    parser.add_argument("--additions", required=True, help="table to bring up to date")
    args = parser.parse_args()

    models, scores = read_models(args.models), read_scores(args.scores)
    members = pool_members(models, args.pools)
    parts = additions(args.additions, list(models.index))
    _, *later = parts
    added = later[-1] if later else []
    earlier, _ = read_known(args, models.index, scores["task"].unique())
    embeddings = read_task_embeddings(args.task_embeddings)
    removed = added or models.index  # without an addition, there is nothing to compare with
    without = regret_without(removed, scores, models, members, earlier, embeddings)
    bootstrap = args.resamples, args.level, args.seed
    write_table(args.without, with_and_without(read_table(args.regret), without, *bootstrap))
    write_table(args.newly_best, newly_best(point_values(scores), members, added))
    write_additions(args.additions, parts)


if __name__ == "__main__":
    run(main)
