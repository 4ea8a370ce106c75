"""Lay out tables for reading: the headline, the budgets to zero regret and the models."""

import argparse
import json

from needle.base.errors import run
from needle.base.files import atomic
from needle.base.run_tables import read_table
from needle.pages.budgets import budget_page
from needle.pages.headline import gap_lines, headline_html, headline_text
from needle.pages.models import models_page
from needle.scores.score_table import read_models, read_tasks
from needle.strategies.pools import pool_members


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for table in ("models", "tasks", "mean-regret", "budget-to-zero-regret", "gaps"):
        parser.add_argument(f"--{table}", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--budgets", nargs="+", type=int, required=True)
    parser.add_argument("--strategies", nargs="+", required=True, help="those to show")
    parser.add_argument("--level", type=float, required=True)
    for file in ("text", "headline", "budget-page", "model-page"):
        parser.add_argument(f"--{file}", required=True, help="file to write")
    args = parser.parse_args()

    models, tasks = read_models(args.models), read_tasks(args.tasks)
    members = pool_members(models, args.pools)
    labels = {pool: declared["label"] for pool, declared in args.pools.items()}
    mean_regret, budgets = (
        table[table["strategy"].isin(args.strategies)]
        for table in map(read_table, (args.mean_regret, args.budget_to_zero_regret))
    )
    notes = gap_lines(read_table(args.gaps), labels, len(tasks))
    shown = mean_regret, labels, args.budgets, args.level, notes
    pages = {
        args.text: headline_text(*shown),
        args.headline: headline_html(*shown),
        args.budget_page: budget_page(budgets, labels, tasks),
        args.model_page: models_page(models, members, labels),
    }
    for path, text in pages.items():
        with atomic(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
