"""Write the paper's values beside the run's, as a table and as a page that sums them up."""

import argparse
import json

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.files import atomic
from needle.base.run_tables import read_table
from needle.pages.paper import paper_page
from needle.scores.score_table import point_values, read_models, read_scores, read_tasks
from needle.strategies.pools import pool_members
from needle.tables.paper import paper_table, read_paper


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paper", required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--tasks", required=True)
    parser.add_argument("--regret", required=True)
    parser.add_argument("--optimal-picks", required=True)
    parser.add_argument("--budget-to-zero-regret", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--table", required=True, help="table to write")
    parser.add_argument("--page", required=True, help="file to write")
    args = parser.parse_args()

    models = read_models(args.models)
    comparison = paper_table(
        read_paper(args.paper),
        list(read_tasks(args.tasks)["task"]),
        pool_members(models, args.pools),
        models,
        point_values(read_scores(args.scores)),
        *map(read_table, (args.regret, args.optimal_picks, args.budget_to_zero_regret)),
    )
    write_table(args.table, comparison)
    with atomic(args.page) as temporary:
        temporary.write_text(paper_page(comparison), encoding="utf-8")


if __name__ == "__main__":
    run(main)
