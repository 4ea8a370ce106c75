"""Draw the pictures of a bundled task into a folder for each split and class."""

import argparse
from pathlib import Path

from PIL import Image

from needle.base.errors import NeedleError, run
from needle.tasks.mini.tasks import TASKS, render_task


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True, help="folder")
    args = parser.parse_args()

    if args.task not in TASKS:
        raise NeedleError(
            f"config: data: no bundled task {args.task!r}; there are {', '.join(TASKS)}"
        )
    for split, (images, labels) in render_task(args.task, args.seed).items():
        for name in TASKS[args.task].classes:
            (args.output / split / name).mkdir(parents=True, exist_ok=True)
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            name = TASKS[args.task].classes[label]
            Image.fromarray(image.transpose(1, 2, 0)).save(
                args.output / split / name / f"{number:04d}.png"
            )


if __name__ == "__main__":
    run(main)
