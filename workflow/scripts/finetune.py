"""Fine-tune one model on one task: every learning rate, every repeat."""

import argparse
import json

from needle.device import choose_device
from needle.errors import run
from needle.files import write_rows
from needle.finetune import finetune
from needle.seeds import derive_seed
from needle.tasks import SPLITS, Task
from needle.zoo.checkpoints import load_backbone


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--protocol", type=json.loads, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    device = choose_device(args.threads)
    task = Task(args.task)
    backbone, card = load_backbone(args.checkpoint)
    splits = {name: task.split(name) for name in SPLITS}
    seeds = [
        derive_seed(args.seed, "finetune", card["name"], task.card["name"], repeat)
        for repeat in range(args.protocol["repeats"])
    ]
    write_rows(
        args.output, finetune(backbone, card, splits, task.classes, args.protocol, seeds, device)
    )


if __name__ == "__main__":
    run(main)
