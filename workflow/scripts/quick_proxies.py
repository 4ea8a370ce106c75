"""Compute the quick proxies of one model on one task."""

import argparse
import json

from needle.base.csv_files import write_rows
from needle.base.errors import run
from needle.base.seeds import derive_seed
from needle.embedding.embedding_file import read_embeddings
from needle.proxies.folds import folded, is_folded, read_folds
from needle.proxies.rows import proxy_row


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--proxies", type=json.loads, required=True, help="their settings by name")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folds", nargs="?", help="table of the folds, if there are any")
    parser.add_argument("--outputs", nargs="+", required=True, help="a file for each proxy")
    args = parser.parse_args()

    embeddings, folds = read_embeddings(args.embeddings), read_folds(args.folds)
    for (name, settings), output in zip(args.proxies.items(), args.outputs, strict=True):
        seed = derive_seed(args.seed, name, args.model, args.task)
        if not is_folded(name, settings, folds):
            write_rows(output, [proxy_row(name, embeddings, settings, seed)])
            continue
        rows = [proxy_row(name, fold, settings, seed) for fold in folded(embeddings, folds)]
        write_rows(output, [row | {"repeat": number} for number, row in enumerate(rows)])


if __name__ == "__main__":
    run(main)
