"""Time each quick proxy, and the job that computes them all.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/proxies.py [--width 2048]

800 training and 200 validation images of 100 classes, as in VTAB-1K's CIFAR-100, and a source head
of 1000 classes, as of ImageNet-1k. Three kinds of features: classes far apart, classes that overlap
as of a real network (LDA finds about half of them), and noise that knows nothing of the classes.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.embedding.embedding_file import Embeddings, write_embeddings
from needle.proxies.registry import names
from needle.proxies.rows import proxy_row, quick_proxies

PROGRAM = Path(__file__).parents[1] / "workflow" / "scripts" / "quick_proxies.py"
TRAIN, VAL, CLASSES, SOURCES = 800, 200, 100, 1000
KINDS = {"far apart": 1.0, "overlapping": 0.25, "noise": 0.0}  # distance of the class centres
ROUNDS = 5


def make_embeddings(width, distance):
    """Draw features as of the last layer of a network: not negative, with a falling spectrum."""
    generator = np.random.default_rng(0)
    labels = np.arange(TRAIN + VAL) % CLASSES
    scale = np.sqrt(4 / np.arange(4, width + 4))
    centres = distance * generator.normal(size=(CLASSES, width))
    features = (centres[labels] + generator.normal(size=(len(labels), width))) * scale
    mixing = np.linalg.qr(generator.normal(size=(width, width)))[0]
    features = np.maximum(features @ mixing, 0).astype(np.float32)
    logits = 3 * generator.normal(size=(TRAIN, SOURCES))
    logits[np.arange(TRAIN), labels[:TRAIN]] += 5
    probabilities = np.exp(logits)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return Embeddings(
        features[:TRAIN], labels[:TRAIN], features[TRAIN:], labels[TRAIN:], CLASSES,
        probabilities.astype(np.float32),
    )  # fmt: skip


def job_seconds(embeddings, proxies):
    """Time the program from start to end: processor time, wall time."""
    with tempfile.TemporaryDirectory() as folder:
        write_embeddings(f"{folder}/e.safetensors", embeddings, {})
        command = [
            sys.executable, PROGRAM, "--embeddings", f"{folder}/e.safetensors", "--model", "m",
            "--task", "t", "--proxies", json.dumps({name: {} for name in proxies}),
            "--seed", "1", "--outputs", *[f"{folder}/{name}.csv" for name in proxies],
        ]  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        started = time.perf_counter()
        subprocess.run(command, check=True)
        wall = time.perf_counter() - started
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, wall


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--width", type=int, default=2048)
    width = parser.parse_args().width
    data = {kind: make_embeddings(width, distance) for kind, distance in KINDS.items()}
    proxies = quick_proxies(names())
    print(f"N = {TRAIN}, D = {width}, C = {CLASSES}; seconds of processor, medians of {ROUNDS}")
    print("| proxy |", *[f"{kind} |" for kind in data])
    print("|---|" + "---|" * len(data))
    for name in proxies:
        cells = []
        for embeddings in data.values():
            row = proxy_row(name, embeddings, {}, seed=1)
            times = [time.process_time()]
            for _ in range(ROUNDS):
                proxy_row(name, embeddings, {}, seed=1)
                times.append(time.process_time())
            seconds = statistics.median(after - before for before, after in pairwise(times))
            cells.append(f"{seconds:.3f} ({row['reason'] or format(row['value'], '.4g')})")
        print(f"| {name} |", *[f"{cell} |" for cell in cells])
    processor, wall = job_seconds(data["overlapping"], proxies)
    print(f"one job of all, its start included: {processor:.1f} s of processor, {wall:.1f} s")


if __name__ == "__main__":
    main()
