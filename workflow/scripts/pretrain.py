"""Train one upstream model and save it with what was measured of it."""

import argparse
import json

import torch
from needle.errors import run
from needle.files import open_tensors, read_card
from needle.seeds import derive_seed
from needle.zoo.checkpoints import save_checkpoint
from needle.zoo.pretrain import accuracy, pretrain

MEAN, STD = [0.5, 0.5, 0.5], [0.25, 0.25, 0.25]


def read_union(paths, split):
    """Lay the domains end to end; each domain's classes follow those of the one before."""
    images, labels, classes = [], [], 0
    for path in paths:
        with open_tensors(path, framework="pt") as file:
            images.append(file.get_tensor(f"{split}_images"))
            labels.append(file.get_tensor(f"{split}_labels") + classes)
        classes += read_card(path)["classes"]
    return torch.cat(images), torch.cat(labels), classes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--card", type=json.loads, required=True)
    parser.add_argument("--domains", nargs="+", required=True, help="rendered upstream domains")
    parser.add_argument(
        "--reference", action="store_true", help="the domains are those of the reference accuracy"
    )
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    card = args.card | {"mean": MEAN, "std": STD}
    images, labels, classes = read_union(args.domains, "train")
    seed = derive_seed(args.seed, "pretrain", card["name"])
    model = pretrain(card, images, labels, classes, seed)

    supervised = card["pretrain"]["objective"] == "supervised"
    test_images, test_labels, _ = read_union(args.domains, "test")
    measured = accuracy(model, card, test_images, test_labels) if supervised else None
    card["upstream_dataset"] = "+".join(card["pretrain"]["domains"])
    card["upstream_examples"] = len(images)
    card["upstream_accuracy"] = measured
    card["reference_accuracy"] = measured if args.reference else None
    save_checkpoint(args.output, model, card)


if __name__ == "__main__":
    run(main)
