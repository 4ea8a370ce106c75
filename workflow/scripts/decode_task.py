"""Decode the images of one task and write its task file."""

import argparse
import json
from pathlib import Path

from needle.base.errors import run
from needle.tasks.sources import read_task
from needle.tasks.task_file import write_task


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--card", type=json.loads, required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--root", required=True, help="where the images of the source are")
    parser.add_argument("--image-size", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    splits, card = read_task(
        args.card,
        args.source,
        args.root,
        args.seed,
        args.image_size,
        scratch=Path(args.output).parent,
    )
    # Images of one's own have the size already.
    write_task(args.output, splits, card, None if "image_size" in card else args.image_size)


if __name__ == "__main__":
    run(main)
