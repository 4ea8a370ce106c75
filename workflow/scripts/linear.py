"""Compute a linear proxy of one model on one task."""

import argparse
import json
import math
import time

from needle.base.csv_files import write_rows
from needle.base.errors import run
from needle.base.seeds import derive_seed
from needle.embedding.embedding_file import read_embeddings
from needle.proxies.folds import folded, read_folds
from needle.proxies.registry import TRAINED, formula


def reason(row):
    """Say why a run has no accuracy."""
    return "the training diverged" if math.isnan(row["value"]) else ""


def seed_of(args, repeat):
    """Derive the seed of a repeat, or of a fold: one for all proxies, so that only these differ."""
    return derive_seed(args.seed, "linear", args.model, args.task, repeat)


def fold_rows(train, embeddings, folds, args):
    """Train once in each fold, which stands for a repeat."""
    once = args.protocol | {"repeats": 1}
    return [
        row | {"repeat": number}
        for number, fold in enumerate(folded(embeddings, folds))
        for row in train(fold, once, [seed_of(args, number)])
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--proxy", choices=TRAINED, required=True)
    parser.add_argument("--protocol", type=json.loads, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folds", nargs="?", help="table of the folds, if there are any")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    embeddings, folds = read_embeddings(args.embeddings), read_folds(args.folds)
    train = formula(args.proxy).runs
    started = time.perf_counter()
    if folds:
        rows = fold_rows(train, embeddings, folds, args)
    else:
        repeats = range(args.protocol["repeats"])
        rows = train(embeddings, args.protocol, [seed_of(args, n) for n in repeats])
    # The runs are trained side by side: each has its share of the time.
    share = (time.perf_counter() - started) / len(rows)
    write_rows(args.output, [row | {"seconds": share, "reason": reason(row)} for row in rows])


if __name__ == "__main__":
    run(main)
