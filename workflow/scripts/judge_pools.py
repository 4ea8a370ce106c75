"""Judge what claims rest on: how static and how level pools are, and what hidden models change."""

import argparse
import json

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.files import atomic
from needle.base.run_tables import read_table
from needle.pages.claims import claims, claims_page, claims_text
from needle.regret.hidden_models import hidden_table
from needle.regret.level_pools import level_members, with_level_pools
from needle.regret.staticness import staticness_table
from needle.scores.score_table import point_values, read_models, read_scores
from needle.scores.task_embeddings import read_task_embeddings
from needle.store.arguments import add_arguments, read_known
from needle.strategies.pools import pool_members


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", required=True)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--strategies", required=True, help="tables/strategies.csv")
    parser.add_argument("--level-pools", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--budgets", nargs="+", type=int, required=True)
    add_arguments(parser)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    for file in ("staticness", "hidden-models", "text", "page"):
        parser.add_argument(f"--{file}", required=True, help="file to write")
    args = parser.parse_args()

    models, points = read_models(args.models), point_values(read_scores(args.scores))
    level = read_table(args.level_pools)
    members = pool_members(models, args.pools) | level_members(level)
    static = staticness_table(members, points, read_table(args.strategies), args.budgets)
    write_table(args.staticness, static)
    earlier, _ = read_known(args, models.index, points.index.unique("task"))
    known = earlier, read_task_embeddings(args.task_embeddings)
    bootstrap = args.resamples, args.level, args.seed
    hidden = hidden_table(models, members, points, args.budgets, *known, bootstrap)
    write_table(args.hidden_models, hidden)
    parts = claims(with_level_pools(args.pools), models, members, static, level, hidden)
    for path, lay_out in ((args.text, claims_text), (args.page, claims_page)):
        with atomic(path) as temporary:
            temporary.write_text(lay_out(parts), encoding="utf-8")


if __name__ == "__main__":
    run(main)
