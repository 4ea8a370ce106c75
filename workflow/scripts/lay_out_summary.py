"""Lay out a run's own page: what was asked, the answer, and where all of it is."""

import argparse
import json

from needle.base.errors import run
from needle.base.files import atomic
from needle.figures.mean_regret import draw_mean_regret
from needle.figures.style import strategy_looks, svg
from needle.pages.summary.page import read_tables, strategies_on_page, summary_page
from needle.pages.template import data_uri

TABLES = [
    "models",
    "tasks",
    "additions",
    "mean-regret",
    "strategies",
    "gaps",
    "noise",
    "without",
    "newly-best",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for table in TABLES:
        parser.add_argument(f"--{table}", required=True)
    parser.add_argument("--configuration", type=json.loads, required=True)
    parser.add_argument("--kind", required=True, help="of the run")
    parser.add_argument("--shown", nargs="+", required=True, help="strategies")
    parser.add_argument("--costs", action="store_true", help="the run knows what a search costs")
    parser.add_argument("--files", type=json.loads, required=True, help="to link to")
    parser.add_argument("--output", required=True, help="page to write")
    args = parser.parse_args()

    tables = read_tables(*(getattr(args, name.replace("-", "_")) for name in TABLES))
    budgets = args.configuration["budgets"]
    shown = strategies_on_page(tables.mean_regret, args.shown, budgets[0])
    plots = _plots(tables.mean_regret, shown, budgets)
    page = summary_page(tables, args.configuration, args.kind, shown, plots, args.files, args.costs)
    with atomic(args.output) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _plots(mean_regret, shown, budgets):
    """The picture of each pool that has regrets, as the page holds it."""
    looks = strategy_looks(shown)
    return {
        pool: data_uri("image/svg+xml", svg(draw_mean_regret(mine, looks, budgets)))
        for pool, mine in mean_regret.groupby("pool", sort=False)
    }


if __name__ == "__main__":
    run(main)
