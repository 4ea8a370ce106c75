"""Time embedding and fine-tuning beside the bare forward pass and the bare training step.

    python benchmarks/gpu.py [--model resnet50] [--size 224] [--batch-size 256]
                             [--precision bfloat16] [--seconds 20]

The bare ones compute one batch that lies normalised on the device, again and again, with the same
model in the same precision, for embedding with its batch norms folded: what Needle adds to them is
reading, copying, normalising, drawing batches and checking losses. Weights and images are random;
only their number matters for the time. Prints a table in markdown, for docs/performance.md.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.base.errors import run
from needle.embedding.embed import embed, exact_convolutions
from needle.embedding.folding import folded
from needle.finetuning.training import train
from needle.machine.allocator import keep_memory
from needle.machine.device import autocast, choose_device, gpu_model
from needle.models.backbones import build, normalise
from needle.models.checkpoints import attach_head
from needle.tasks.task_file import SPLITS, Task, write_task

ROUNDS = 5
EXAMPLES = 1000  # training images, as in VTAB-1K
CLASSES = 10
MOST_BATCHES = 32  # embedded in a round: 1.2 GB of images of 224 pixels, 256 in a batch
PROTOCOL = {"momentum": 0.9, "weight_decay": 0.0, "schedule": {"kind": "cosine", "warmup": 0.1}}
RATE = 0.001


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="resnet50", help="an architecture of timm")
    parser.add_argument("--size", type=int, default=224, help="of the images, in pixels")
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="bfloat16")
    parser.add_argument("--seconds", type=float, default=20, help="for each of the four figures")
    args = parser.parse_args()

    device = choose_device(os.cpu_count(), gpus=1)
    card = {"name": args.model, "architecture": args.model, "architecture_args": {},
            "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        embedded = compare(*embedding(card, args, device, folder), args)
    trained = compare(*finetuning(card, args, device), args)
    print(table({"embedding": embedded, "fine-tuning": trained}, args, device))


def embedding(card, args, device, folder):
    """Give what embeds a number of batches, Needle's way and bare."""
    model = build(card).to(device).eval()
    batch = normalise(torch.from_numpy(images(args.batch_size, args.size)[0]).to(device), card)

    def needle(batches):
        task = random_task(folder, batches, args)
        return seconds(partial(embed, model, card, task, args.batch_size, device, args.precision))

    @torch.inference_mode()
    def forward(batches):
        with (
            folded(model, batch[:1]),
            autocast(device, args.precision),
            exact_convolutions(),
        ):
            for _ in range(batches):
                model(batch)

    return needle, lambda batches: seconds(partial(forward, batches))


def finetuning(card, args, device):
    """Give what trains for a number of batches, Needle's way and bare."""
    train_images, labels = (
        torch.from_numpy(a).to(device) for a in images(max(EXAMPLES, args.batch_size), args.size)
    )
    model = attach_head(build(card), CLASSES).to(device)
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=PROTOCOL["momentum"])
    batch = normalise(train_images[: args.batch_size], card)
    protocol = PROTOCOL | {"batch_size": args.batch_size, "precision": args.precision}

    def needle(batches):
        arguments = (model, card, train_images, labels, RATE, protocol | {"steps": batches}, 0)
        return seconds(partial(train, *arguments))

    def step(batches):
        model.train()
        for _ in range(batches):
            optimiser.zero_grad()
            with autocast(device, args.precision):
                logits = model(batch)
            torch.nn.functional.cross_entropy(logits, labels[: len(batch)]).backward()
            optimiser.step()

    return needle, lambda batches: seconds(partial(step, batches))


def random_task(folder, batches, args):
    """Give a task whose train and val images make a number of batches; its file is kept."""
    path = Path(folder) / f"{batches}.safetensors"
    if not path.exists():
        counts = {"train": batches - 1, "val": 1, "test": 1}
        splits = {split: images(counts[split] * args.batch_size, args.size) for split in SPLITS}
        classes = [str(label) for label in range(CLASSES)]
        write_task(path, splits, {"name": "random", "classes": classes})
    return Task(path)


def images(count, size):
    """Draw images uint8 (N, 3, size, size) and labels int64 (N,)."""
    generator = np.random.default_rng(0)
    drawn = generator.integers(0, 256, (count, 3, size, size), dtype=np.uint8)
    return drawn, generator.integers(0, CLASSES, count)


def seconds(work):
    """Time a call, all work on the device included."""
    wait()
    started = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - started


def wait():
    if torch.accelerator.is_available():
        torch.accelerator.synchronize()


def compare(needle, bare, args):
    """Measure the images per second of both, in turns.

    Returns
    -------
    tuple of list of float
        Needle's and the bare ones, one for each round.
    """
    needle(2)
    bare(2)  # both are warm now: compiled, tuned, allocated
    batches = round(args.seconds / ROUNDS / (bare(2) / 2))
    batches = min(max(batches, 2), MOST_BATCHES)
    rounds = [(needle(batches), bare(batches)) for _ in range(ROUNDS)]
    return [[batches * args.batch_size / s for s in taken] for taken in zip(*rounds, strict=True)]


def table(measured, args, device):
    """Lay out the medians, and the range of the ratio over the rounds, in markdown."""
    where = (
        gpu_model(device)
        if device.type != "cpu"
        else f"{torch.get_num_threads()} threads of a CPU ({platform.machine()})"
    )
    lines = [
        f"{args.model}, {args.size} px, batch {args.batch_size}, {args.precision}; {where}; "
        f"torch {torch.__version__}; {date.today()}",
        "",
        "| | Needle, images/s | bare, images/s | ratio (range) |",
        "|---|---|---|---|",
    ]
    for what, (needle, bare) in measured.items():
        ratios = [100 * mine / other for mine, other in zip(needle, bare, strict=True)]
        lines.append(
            f"| {what} | {statistics.median(needle):.1f} | {statistics.median(bare):.1f} | "
            f"{statistics.median(ratios):.0f} % ({min(ratios):.0f} to {max(ratios):.0f}) |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    keep_memory()
    run(main)
