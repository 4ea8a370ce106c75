"""Tune the head that a frozen model would be used with, and say what it gives val.

With --folds, the penalty is chosen by folds of train and val, and what is said is of all examples
in a fold, each by a head that has not seen it.
"""

import argparse
import time

from scipy.special import softmax

from needle.base.errors import run
from needle.base.tensors import write_tensors
from needle.embedding.embedding_file import read_embeddings
from needle.proxies.folds import read_folds
from needle.proxies.tuned_head import tune_head, tune_over_folds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--folds", nargs="?", help="table of the folds that decide, if they do")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    embeddings = read_embeddings(args.embeddings)
    started = time.perf_counter()
    folds = [val for val in read_folds(args.folds, repeats=1) if val.any()]
    if folds:
        head, probabilities = tune_over_folds(embeddings, folds)
    else:
        val = embeddings.val_features
        train = embeddings.train_features, embeddings.train_labels
        head = tune_head(*train, val, embeddings.val_labels, embeddings.classes)
        probabilities = softmax(head.logits(val), axis=1)
    card = {
        "model": args.model,
        "classes": embeddings.classes,
        "inverse_penalty": head.inverse_penalty,
        "seconds": time.perf_counter() - started,
    }
    tensors = {"weight": head.weight, "bias": head.bias, "probabilities": probabilities}
    write_tensors(args.output, tensors, card)


if __name__ == "__main__":
    run(main)
