"""Set accuracy and regret under all protocols side by side: a table, a text and a page."""

import argparse
import json

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.files import atomic
from needle.base.run_tables import read_table
from needle.pages.protocols import protocols_page, protocols_text
from needle.scores.score_table import read_models, read_scores
from needle.scores.task_embeddings import read_task_embeddings
from needle.store.arguments import add_arguments, read_known
from needle.strategies.pools import pool_members
from needle.tables.protocols import protocol_table, regrets_by_protocol


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", required=True)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--seconds", nargs="*", required=True, help="none if they are not known")
    add_arguments(parser)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--budgets", nargs="+", type=int, required=True)
    parser.add_argument("--strategies", nargs="+", required=True, help="those to show")
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    for file in ("table", "text", "page"):
        parser.add_argument(f"--{file}", required=True, help="file to write")
    args = parser.parse_args()

    models, scores = read_models(args.models), read_scores(args.scores)
    members = pool_members(models, args.pools)
    earlier, _ = read_known(args, models.index, scores["task"].unique())
    embeddings = read_task_embeddings(args.task_embeddings)
    regrets = regrets_by_protocol(scores, models, members, args.budgets, earlier, embeddings)
    seconds = next(map(read_table, args.seconds), None)
    bootstrap = args.resamples, args.level, args.seed
    table = protocol_table(scores, seconds, members, regrets, *bootstrap)
    write_table(args.table, table)
    labels = {pool: declared["label"] for pool, declared in args.pools.items()}
    for path, lay_out in ((args.text, protocols_text), (args.page, protocols_page)):
        with atomic(path) as temporary:
            text = lay_out(table, labels, args.strategies, args.level)
            temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
