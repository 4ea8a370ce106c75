"""Train one upstream model and save it with what was measured of it."""

import argparse
import json

from needle.base.errors import run
from needle.base.seeds import derive_seed
from needle.machine.device import limit_threads
from needle.models.checkpoints import save_checkpoint
from needle.models.pretrain import accuracy, pretrain
from needle.models.upstream import read_union


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

    limit_threads(args.threads)
    card = args.card
    images, labels, classes = read_union(args.domains, "train")
    seed = derive_seed(args.seed, "pretrain", card["name"])
    model = pretrain(card, images, labels, classes, seed)

    supervised = card["pretrain"]["objective"] == "supervised"
    test_images, test_labels, _ = read_union(args.domains, "test")
    measured = accuracy(model, card, test_images, test_labels) if supervised else None
    save_checkpoint(
        args.output,
        model,
        card
        | {
            "upstream_dataset": "+".join(card["pretrain"]["domains"]),
            "upstream_examples": len(images),
            "upstream_accuracy": measured,
            "reference_accuracy": measured if args.reference else None,
        },
    )


if __name__ == "__main__":
    run(main)
