"""Render one task of `mini` and write its task file."""

import argparse
import json

from needle.base.errors import NeedleError, run
from needle.tasks.mini.canvas import SIDE
from needle.tasks.mini.tasks import TASKS, render_task
from needle.tasks.task_file import write_task


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--card", type=json.loads, required=True)
    parser.add_argument("--image-size", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    name = args.card["name"]
    if args.image_size != SIDE:
        raise NeedleError(
            f"task {name}: source mini is rendered at {SIDE} px; set image_size: {SIDE} in the "
            f"config (it is {args.image_size})"
        )
    splits = render_task(name, args.seed)
    card = args.card | {
        "classes": list(TASKS[name].classes),
        "description": TASKS[name].description,
    }
    write_task(args.output, splits, card)


if __name__ == "__main__":
    run(main)
