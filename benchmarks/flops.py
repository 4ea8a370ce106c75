"""Count what a benchmark costs in floating-point operations, and say it in GPU hours.

    python benchmarks/flops.py --configfile config/vtab1k.yaml [--teraflops 100]

Forward passes are counted by torch on the architectures of the model cards, without weights;
training is taken as three forward passes, and the hours follow from the sustained speed that is
given. Reading, resizing and starting jobs are not in it.
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

import torch
from torch.utils.flop_counter import FlopCounterMode

from needle.base.schema import read_yaml
from needle.models.backbones import build

ROOT = Path(__file__).parents[1]
TRAIN, VAL = 800, 200


def forward_operations(card, size):
    """Count the operations of one image's forward pass, two for each multiply-add."""
    with torch.device("meta"):
        model = build(card).eval()
        image = torch.empty(1, 3, size, size)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(image)
    return counter.get_total_flops()


def images_seen(protocol, tasks, test_images):
    """Count images by use for one model over all tasks, in forward passes."""
    runs = len(protocol["learning_rates"]) * protocol["repeats"]
    training = 3 * protocol["steps"] * protocol["batch_size"] * runs * tasks
    evaluation = runs * (VAL * tasks + test_images)
    return {"search": (TRAIN + VAL) * tasks, "fine-tuning": training + evaluation}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--configfile", default="config/vtab1k.yaml")
    parser.add_argument("--teraflops", type=float, default=100, help="sustained, assumed")
    parser.add_argument("--test-images", type=int, default=387_904, help="of all tasks together")
    args = parser.parse_args()

    config = read_yaml(args.configfile)
    models = read_yaml(ROOT / config["model_cards"])["models"]
    tasks = len(config.get("tasks") or read_yaml(ROOT / config["task_cards"])["tasks"])
    images = images_seen(config["finetune"], tasks, args.test_images)
    forward = [forward_operations(card, config["image_size"]) for card in models]
    for card, operations in zip(models, forward, strict=True):
        print(f"{card['name']:50s} {operations / 1e9:8.1f} GFLOPs a forward pass")
    per_hour = args.teraflops * 1e12 * 3600
    for use, number in images.items():
        jobs = [number * operations / tasks / per_hour for operations in forward]
        print(
            f"{use}: {number * sum(forward):.2e} FLOPs; at {args.teraflops:g} TFLOP/s "
            f"{tasks * sum(jobs):,.3g} GPU hours, of one model on one task "
            f"{statistics.median(jobs):.3g} (median), {max(jobs):.3g} (most)"
        )


if __name__ == "__main__":
    main()
