"""Set all strategies beside one another: a table, and a text and a page that say what it shows."""

import argparse
import json

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.files import atomic
from needle.base.run_tables import read_table, read_tables
from needle.pages.comparison import comparison_page, comparison_text
from needle.regret.comparison import strategy_table
from needle.regret.level_pools import with_level_pools
from needle.scores.known import preferred_proxy


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regret", nargs="+", required=True, help="of pools, then of level pools")
    parser.add_argument("--gaps", required=True)
    parser.add_argument("--cost", nargs="*", required=True, help="none if it is not known")
    parser.add_argument("--proxies", nargs="*", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--budgets", nargs="+", type=int, required=True)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    for file in ("table", "text", "page"):
        parser.add_argument(f"--{file}", required=True, help="file to write")
    args = parser.parse_args()

    regret, gaps = read_tables(args.regret), read_table(args.gaps)
    cost = next(map(read_table, args.cost), None)
    baseline = preferred_proxy(args.proxies)
    bootstrap = args.resamples, args.level, args.seed
    table = strategy_table(regret, args.budgets, baseline, cost, *bootstrap)
    write_table(args.table, table)
    labels = with_level_pools(args.pools)
    for path, lay_out in ((args.text, comparison_text), (args.page, comparison_page)):
        with atomic(path) as temporary:
            temporary.write_text(lay_out(table, gaps, labels, args.level), encoding="utf-8")


if __name__ == "__main__":
    run(main)
