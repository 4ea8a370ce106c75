"""Fetch the weights of all models of a pool that can be had, and say why the others cannot."""

import argparse
import json

from needle.base.csv_files import write_rows
from needle.base.errors import run
from needle.models.pool_weights import fetch_pool


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=json.loads, required=True)
    parser.add_argument(
        "--mirror", help="folder or URL base that holds the files by their names, or ''"
    )
    parser.add_argument("--folder", required=True, help="where the weights go")
    parser.add_argument("--output", required=True, help="table to write: model, reason")
    args = parser.parse_args()

    reasons = fetch_pool(args.cards, args.folder, args.mirror or None)
    rows = [{"model": model, "reason": reason} for model, reason in reasons.items()]
    write_rows(args.output, rows)


if __name__ == "__main__":
    run(main)
