"""Lay out the mean relative regret by pool, strategy and budget for reading."""

import argparse
import json

import pandas as pd

from needle.errors import run
from needle.files import atomic
from needle.headline import gap_lines, headline_html, headline_text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mean-regret", required=True)
    parser.add_argument("--gaps", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--tasks", type=int, required=True, help="their number")
    parser.add_argument("--budgets", nargs="+", type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--text", required=True, help="file to write")
    parser.add_argument("--html", required=True, help="file to write")
    args = parser.parse_args()

    labels = {pool: declared["label"] for pool, declared in args.pools.items()}
    mean_regret = pd.read_csv(args.mean_regret)
    gaps = pd.read_csv(args.gaps, keep_default_na=False)
    notes = gap_lines(gaps, labels, args.tasks)
    for path, layout in ((args.text, headline_text), (args.html, headline_html)):
        with atomic(path) as temporary:
            temporary.write_text(layout(mean_regret, labels, args.budgets, args.level, notes))


if __name__ == "__main__":
    run(main)
