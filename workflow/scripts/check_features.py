"""Check a user's own embeddings: labels, splits, copies; draw the folds of small data."""

import argparse
import json
from dataclasses import asdict

import pandas as pd

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.embedding.feature_files import feature_models
from needle.embedding.own_features import check_features
from needle.tasks.own.problems import COLUMNS


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, help="of {model}.npz and {model}.parquet files")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--examples", type=json.loads, required=True)
    for name in ("problems", "classes", "copies", "folds"):
        parser.add_argument(f"--{name}", required=True, help="output")
    args = parser.parse_args()

    checked = check_features(feature_models(args.folder), args.seed, args.examples)
    write_table(args.problems, pd.DataFrame(map(asdict, checked.problems), columns=COLUMNS))
    write_table(args.classes, pd.DataFrame(checked.counts))
    write_table(args.copies, pd.DataFrame({"row": checked.copies}))
    write_table(args.folds, checked.folds)


if __name__ == "__main__":
    run(main)
