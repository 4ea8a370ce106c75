"""Compute a linear proxy of one model on one task."""

import argparse
import json
import math
import time

from needle.base.csv_files import write_rows
from needle.base.errors import run
from needle.base.seeds import derive_seed
from needle.embedding.embedding_file import read_embeddings
from needle.proxies.registry import TRAINED, formula


def reason(row):
    """Say why a run has no accuracy."""
    return "the training diverged" if math.isnan(row["value"]) else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--proxy", choices=TRAINED, required=True)
    parser.add_argument("--protocol", type=json.loads, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    seeds = [  # the same batches for all of them, so that only what they are differs
        derive_seed(args.seed, "linear", args.model, args.task, repeat)
        for repeat in range(args.protocol["repeats"])
    ]
    started = time.perf_counter()
    rows = formula(args.proxy).runs(read_embeddings(args.embeddings), args.protocol, seeds)
    # The runs are trained side by side: each has its share of the time.
    share = (time.perf_counter() - started) / len(rows)
    write_rows(args.output, [row | {"seconds": share, "reason": reason(row)} for row in rows])


if __name__ == "__main__":
    run(main)
