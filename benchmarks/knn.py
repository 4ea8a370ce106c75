"""Time the kNN proxy beside its matrix product alone, and beside scikit-learn.

    OPENBLAS_NUM_THREADS=1 python benchmarks/knn.py

800 training and 200 validation images, as in VTAB-1K. The limit is the matrix product, of 2 N M D
floating-point operations; its rate is measured in the same turns. Times are of the processor.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_info

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.proxies.formulas.classifiers.knn import nearest

TRAIN, QUERIES, CLASSES = 800, 200, 10
ROUNDS = 25


def make_features(width):
    """Draw features as of the last layer of a network: not negative, around a centre per class."""
    generator = np.random.default_rng(0)
    labels = np.arange(TRAIN + QUERIES) % CLASSES
    centres = generator.normal(size=(CLASSES, width)) / 2
    features = np.maximum(centres[labels] + generator.normal(size=(len(labels), width)), 0)
    features = features.astype(np.float32)
    return features[:TRAIN], features[TRAIN:], labels[:TRAIN]


def in_float64(train, queries):
    """Find the nearest by one product in float64: the baseline."""
    train, queries = train.astype(np.float64), queries.astype(np.float64)
    return ((train**2).sum(axis=1) - 2 * queries @ train.T).argmin(axis=1)


def seconds(work):
    started = time.process_time()
    work()
    return time.process_time() - started


def main():
    blas = next(pool for pool in threadpool_info() if "numpy" in pool["filepath"])
    print(f"OpenBLAS for {blas['architecture']}, {blas['num_threads']} threads; medians, ms")
    print("| D | product | Needle | of its rate | float64 product | scikit-learn |")
    print("|---|---|---|---|---|---|")
    for width in (512, 2048, 4320):
        train, queries, labels = make_features(width)
        classifier = KNeighborsClassifier(1, algorithm="brute").fit(train, labels)
        expected = classifier.kneighbors(queries, return_distance=False)[:, 0]
        assert (nearest(train, queries)[:, 0] == expected).all()
        ways = [
            lambda train=train, queries=queries: queries @ train.T,
            lambda train=train, queries=queries: nearest(train, queries),
            lambda train=train, queries=queries: in_float64(train, queries),
            lambda classifier=classifier, queries=queries: classifier.predict(queries),
        ]
        turns = [[seconds(way) for way in ways] for _ in range(ROUNDS)]
        product, mine, double, theirs = (
            statistics.median(times) for times in zip(*turns, strict=True)
        )
        print(
            f"| {width} | {1e3 * product:.1f} ({2e-9 * TRAIN * QUERIES * width / product:.0f} "
            f"GFLOP/s) | {1e3 * mine:.1f} | {product / mine:.0%} | "
            f"{1e3 * double:.1f} ({double / mine:.1f}x) | {1e3 * theirs:.1f} "
            f"({theirs / mine:.1f}x) |"
        )


if __name__ == "__main__":
    main()
