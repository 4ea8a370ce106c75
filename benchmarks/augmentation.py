"""What augmenting a batch costs beside a training step, on a processor.

    python benchmarks/augmentation.py [--model tf_efficientnet_lite0] [--rounds 10]

Each of `finetune.augment` alone, and all, beside the same done by torchvision picture by picture,
by kornia with all pictures resampled through one grid, and with saturation in HSV: milliseconds of
processor time of all threads, the median of rounds in turns and the least.
"""

import argparse
import statistics
import sys
import time
from functools import partial
from pathlib import Path

import timm
import torch
from kornia.augmentation import (
    ColorJitter,
    RandomHorizontalFlip,
    RandomResizedCrop,
    RandomSaturation,
)
from torchvision.transforms import v2

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.finetuning.augment import augmentation
from needle.machine.allocator import keep_memory
from needle.models.backbones import normalise

ALL = {"crop": 0.6, "flip": True, "colour": 0.2}
CARD = {"mean": [0.5] * 3, "std": [0.5] * 3}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="tf_efficientnet_lite0", help="of timm")
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    images = torch.randint(0, 256, (args.batch_size, 3, args.size, args.size), dtype=torch.uint8)
    measured = {
        **{f"Needle, {name}": augmentation({"augment": {name: ALL[name]}}) for name in ALL},
        "Needle, all": augmentation({"augment": ALL}),
        **others(args.size),
        f"training step of {args.model}": partial(train, *bare(args.model)),
    }
    seconds = {name: [] for name in measured}
    for _ in range(args.rounds + 1):
        for name, work in measured.items():
            started = time.process_time()
            work(images)
            seconds[name].append(time.process_time() - started)
    print(f"{args.batch_size} images, {args.size} px, threads: {args.threads}\n")
    print("| what | median, ms | least, ms |\n|---|---|---|")
    for name, (_, *rounds) in seconds.items():
        print(f"| {name} | {1000 * statistics.median(rounds):.1f} | {1000 * min(rounds):.1f} |")


def others(size):
    """The same by other means."""
    crop = {"scale": (0.6, 1.0), "ratio": (1.0, 1.0)}
    each = v2.Compose(
        [v2.RandomResizedCrop(size, **crop), v2.RandomHorizontalFlip(), v2.ColorJitter(*[0.2] * 3)]
    )
    grid = torch.nn.Sequential(
        RandomResizedCrop((size, size), cropping_mode="resample", **crop),
        RandomHorizontalFlip(),
        ColorJitter(*[0.2] * 3),
    )
    hsv = torch.nn.Sequential(ColorJitter(0.2, 0.2), RandomSaturation((0.8, 1.2), p=1.0))
    return {
        "torchvision, all, picture by picture": lambda images: torch.stack(list(map(each, images))),
        "kornia, all, through one grid": lambda images: grid(images / 255) * 255,
        "kornia, colour, saturation in HSV": lambda images: hsv(images / 255) * 255,
    }


def bare(name):
    """A model and its optimiser."""
    model = timm.create_model(name, num_classes=10).to(memory_format=torch.channels_last).train()
    return model, torch.optim.AdamW(model.parameters())


def train(model, optimiser, images):
    optimiser.zero_grad()
    labels = torch.zeros(len(images), dtype=torch.int64)
    torch.nn.functional.cross_entropy(model(normalise(images, CARD)), labels).backward()
    optimiser.step()


if __name__ == "__main__":
    keep_memory()
    main()
