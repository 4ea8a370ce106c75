"""What memory layout, folded batch norms and bfloat16 do to the forward pass of a frozen model.

    python benchmarks/embedding.py [--models resnet50 FILE ...] [--rounds 9] [--batch-size 8]

A model is an architecture of timm with random weights, at 224 pixels, or a checkpoint of Needle's.
One thread of a processor computes one batch of random images, a pass of each way in turns: as torch
lays out memory by default, in channels_last, that with batch norms folded (what `embed` does), and
that in bfloat16. What else embedding takes is in gpu.py. Counted is the time that the thread
computes, not what it waits for a core. Pictures per second are of the median round, ratios those of
one round: their median, and range. The difference is that of an embedding from the one in
channels_last, as a share of its length: the largest of the batch.
"""

import argparse
import itertools
import statistics
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.embedding.folding import folded
from needle.machine.allocator import keep_memory
from needle.machine.device import autocast, limit_threads
from needle.models.backbones import build
from needle.models.checkpoints import load_backbone

MODELS = ["tf_efficientnet_lite0", "resnet50", "mobilenetv4_conv_small", "vit_small_patch16_224"]
WAYS = ["default layout", "channels_last", "folded", "bfloat16"]
SIZE = 224  # pixels


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--batch-size", type=int, default=8)
    args = parser.parse_args()

    limit_threads(1)
    torch.manual_seed(0)
    print(
        f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, "
        f"{'with' if torch.cpu._is_amx_tile_supported() else 'without'} AMX\n"
    )
    ratios = [f"{after} / {before}" for before, after in itertools.pairwise(WAYS)]
    columns = ["model, pixels", *WAYS, *ratios, "difference, folded", "bfloat16"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for name in args.models:
        model, size = load(name)
        images = torch.randn(args.batch_size, 3, size, size)
        print(f"| {Path(name).stem}, {size} | {row(*measure(model, images, args.rounds))} |")


def load(name):
    """Give a model in evaluation mode and the side of its pictures."""
    if Path(name).is_file():
        model, card = load_backbone(name)
        return model.eval(), card["input_size"]
    model = build({"name": name, "architecture": name, "architecture_args": {}})
    return model.eval(), SIZE


@torch.inference_mode()
def measure(model, images, rounds):
    """Time one pass of each way in each round, and keep what it gives.

    Returns
    -------
    tuple of dict
        By way: a list of pictures per second, and the embeddings.
    """
    rates, found = {way: [] for way in WAYS}, {}
    for number in range(rounds + 1):  # the first is not counted
        for way in WAYS:
            layout = torch.contiguous_format if way == WAYS[0] else torch.channels_last
            model.to(memory_format=layout)
            batch = images.contiguous(memory_format=layout)
            if way in WAYS[:2]:
                seconds, found[way] = passed(model, batch)
            else:
                precision = "bfloat16" if way == "bfloat16" else "float32"
                with folded(model, batch[:1]), autocast("cpu", precision):
                    seconds, found[way] = passed(model, batch)
            if number:
                rates[way].append(len(images) / seconds)
    return rates, found


def passed(model, batch):
    """Run a pass, timed; another before it, so that nothing is new to it."""
    model(batch)
    started = time.thread_time()
    found = model(batch)
    return time.thread_time() - started, found.float()


def row(rates, found):
    """Lay out what was measured of a model."""
    cells = [f"{statistics.median(rates[way]):.1f}" for way in WAYS]
    for before, after in itertools.pairwise(WAYS):
        ratios = [b / a for a, b in zip(rates[before], rates[after], strict=True)]
        cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    exact = found["channels_last"]
    for way in WAYS[2:]:
        difference = (found[way] - exact).norm(dim=1) / exact.norm(dim=1)
        cells.append(f"{difference.max().item():.1g}")
    return " | ".join(cells)


if __name__ == "__main__":
    keep_memory()
    main()
