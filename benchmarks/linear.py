"""Time the linear proxy beside its matrix product alone, torch.optim and scikit-learn.

    OPENBLAS_NUM_THREADS=1 python benchmarks/linear.py [--width 2048]

The paper's protocol (800 images, batches of 512, two learning rates, five repeats), at few steps;
the baseline is ten loops of torch.optim.SGD. The limit counts, in a step, one product of each of
the S batches with its coefficients: 2 S batch min(N, 2 D + 2) L C floating-point operations; its
rate is measured in the same turns. What Needle does once (the product X X' and, at the end, the
weights) is timed apart, and a step has its share as of 2500 steps. Accuracies are those of whole
trainings of --steps. Times are of the processor, on one thread.
"""

import argparse
import statistics
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.base.sgd import batch_order, learning_rate_factors
from needle.embedding.embedding_file import Embeddings
from needle.proxies.formulas.classifiers.linear import runs, train_linear

EXAMPLES, VAL, BATCH, RATES, REPEATS = 800, 200, 512, [0.1, 0.01], 5
SCHEDULE = {"kind": "step", "milestones": [0.3, 0.6, 0.9], "factor": 0.1}
PROTOCOL = {"learning_rates": RATES, "repeats": REPEATS, "batch_size": BATCH, "momentum": 0.9,
            "weight_decay": 0.0, "schedule": SCHEDULE}  # fmt: skip
PAPER_STEPS = 2500
STEPS = {10: 60, 100: 20, 397: 20}  # timed, for each number of classes
ROUNDS = 5


def make_embeddings(width, classes):
    """Draw features as of the last layer of a network: not negative, around a centre per class."""
    generator = np.random.default_rng(0)
    labels = np.arange(EXAMPLES + VAL) % classes
    centres = generator.normal(size=(classes, width)) / 8
    features = np.maximum(centres[labels] + generator.normal(size=(len(labels), width)), 0)
    features = features.astype(np.float32)
    cut = EXAMPLES
    return Embeddings(features[:cut], labels[:cut], features[cut:], labels[cut:], classes)


def with_needle(data, batches):
    """Train all runs Needle's way: weights (R, D + 1, C)."""
    features, labels = data.train_features, data.train_labels
    weights = train_linear(features, labels, data.classes, batches, RATES, PROTOCOL)
    return weights.reshape(-1, *weights.shape[2:])


def with_torch(data, batches):
    """Train each run by torch.optim, one after the other: weights (R, D + 1, C)."""
    features, labels = torch.from_numpy(data.train_features), torch.from_numpy(data.train_labels)
    factors = learning_rate_factors(SCHEDULE, batches.shape[1])
    trained = []
    for order in torch.from_numpy(batches):
        for rate in RATES:
            layer = torch.nn.Linear(features.shape[1], data.classes)
            torch.nn.init.zeros_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
            optimiser = torch.optim.SGD(layer.parameters(), rate, PROTOCOL["momentum"])
            for batch, factor in zip(order, factors, strict=True):
                optimiser.param_groups[0]["lr"] = rate * factor
                optimiser.zero_grad()
                logits = layer(features[batch])
                torch.nn.functional.cross_entropy(logits, labels[batch]).backward()
                optimiser.step()
            weights = torch.cat([layer.weight.T, layer.bias[None]])
            trained.append(weights.detach().numpy())
    return np.stack(trained)


def products(data, batches):
    """Give the matrix products of all steps alone, and how many operations they are."""
    length = min(EXAMPLES, 2 * data.train_features.shape[1] + 2)
    generator = np.random.default_rng(0)
    rows = generator.random((BATCH, length), np.float32)
    coefficients = generator.random((length, len(RATES) * data.classes), np.float32)
    logits = rows @ coefficients
    count = batches.shape[0] * batches.shape[1]

    def work():
        for _ in range(count):
            np.dot(rows, coefficients, out=logits)

    return work, 2 * count * rows.size * coefficients.shape[1]


def seconds(work):
    """Time a call, and give what it returns."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def accuracies(weights, data):
    logits = data.val_features @ weights[:, :-1] + weights[:, -1:]
    return (logits.argmax(axis=-1) == data.val_labels).mean(axis=1)


def draw_batches(steps):
    return np.stack([batch_order(EXAMPLES, BATCH, steps, seed) for seed in range(REPEATS)])


def compare_speed(data, steps):
    """Lay out a row: the time of a step of all runs, each way, in turns."""
    batches = draw_batches(steps)
    product, operations = products(data, batches)
    ways = [lambda: with_needle(data, batches), product, lambda: with_torch(data, batches)]
    turns = []
    for _ in range(ROUNDS):
        once = seconds(lambda: with_needle(data, batches[:, :0]))[0]
        mine, bare, theirs = (seconds(way)[0] / steps * 1e3 for way in ways)
        turns.append((mine - once * 1e3 / steps + once * 1e3 / PAPER_STEPS, bare, theirs))
    mine, bare, theirs = (statistics.median(times) for times in zip(*turns, strict=True))
    ratios = [other / own for own, _, other in turns]
    return (
        f"| {data.classes} | {theirs:.1f} | {mine:.2f} | {statistics.median(ratios):.1f}x "
        f"({min(ratios):.1f} to {max(ratios):.1f}) | {bare:.2f} "
        f"({operations / steps / bare / 1e6:.0f} GFLOP/s) | {bare / mine:.0%} |"
    )


def compare_accuracy(data, steps):
    """Lay out a row: whole trainings Needle's way and of scikit-learn."""
    protocol = PROTOCOL | {"steps": steps}
    mine, rows = seconds(lambda: runs(data, protocol, range(REPEATS)))
    best = max(np.median([row["value"] for row in rows[n :: len(RATES)]]) for n in (0, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says if 1000 iterations were too few
        classifier = LogisticRegression(max_iter=1000)
        theirs, _ = seconds(lambda: classifier.fit(data.train_features, data.train_labels))
    score = classifier.score(data.val_features, data.val_labels)
    loop, weights = seconds(lambda: with_torch(data, draw_batches(steps)[:1]))
    apart = abs(accuracies(weights, data) - [row["value"] for row in rows[: len(RATES)]])
    return (
        f"| {data.classes} | {mine:.1f} | {best:.3f} | {theirs:.1f} | {score:.3f} | "
        f"{loop * REPEATS:.0f} | {round(apart.max() * VAL)} of {VAL} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", type=int, default=2048, help="of the features, D")
    parser.add_argument("--steps", type=int, default=200, help="of the trainings whose accuracies")
    args = parser.parse_args()
    torch.set_num_threads(1)
    blas = next(pool for pool in threadpool_info() if "numpy" in pool["filepath"])
    print(f"OpenBLAS for {blas['architecture']}, {blas['num_threads']} threads; D = {args.width}\n")
    print("ms for a step of all ten runs:\n")
    print("| C | torch.optim | Needle | ratio (range) | product alone | of its rate |")
    print("|---|---|---|---|---|---|")
    for classes, steps in STEPS.items():
        print(compare_speed(make_embeddings(args.width, classes), steps), flush=True)
    print(f"\ns for ten runs of {args.steps} steps, and accuracy:\n")
    print(
        "| C | Needle | accuracy | LogisticRegression | accuracy | torch.optim | furthest apart |"
    )
    print("|---|---|---|---|---|---|---|")
    for classes in list(STEPS)[:2]:
        print(compare_accuracy(make_embeddings(args.width, classes), args.steps), flush=True)


if __name__ == "__main__":
    main()
