"""Bring a user's own embeddings by one model into the form that the proxies read."""

import argparse
import json

from needle.base.errors import NeedleError, run
from needle.base.run_tables import read_table
from needle.embedding.embedding_file import write_embeddings
from needle.embedding.feature_files import feature_models
from needle.embedding.own_features import import_features
from needle.scores.columns import DATA


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, help="of {model}.npz and {model}.parquet files")
    parser.add_argument("--model", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--examples", type=json.loads, required=True)
    parser.add_argument("--copies", required=True, help="table of the rows that are not used")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    files = feature_models(args.folder)
    if args.model not in files:
        raise NeedleError(f"{args.folder}: has no file of {args.model}, only of {', '.join(files)}")
    copies = read_table(args.copies)["row"].tolist()
    embeddings, classes = import_features(files, args.model, args.seed, args.examples, copies)
    about = {"model": args.model, "task": DATA, "seconds": 0.0, "precision": "float32"}
    write_embeddings(args.output, embeddings, about | {"class_names": classes})


if __name__ == "__main__":
    run(main)
