"""Compute the kNN proxy of one model on one task."""

import argparse
import time

from needle.embeddings import read_embeddings
from needle.errors import run
from needle.files import write_rows
from needle.probes.knn import knn_accuracy


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    started = time.perf_counter()
    accuracy = knn_accuracy(read_embeddings(args.embeddings))
    seconds = time.perf_counter() - started
    row = {"repeat": 0, "learning_rate": None, "val_accuracy": accuracy, "seconds": seconds}
    write_rows(args.output, [row])


if __name__ == "__main__":
    run(main)
