"""Prepare a user's own images as a task: check, split and decode them, and say what is wrong."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.scores.columns import DATA
from needle.tasks.own.pictures import ShorterSide, Square
from needle.tasks.own.prepare import prepare
from needle.tasks.own.problems import COLUMNS
from needle.tasks.task_file import write_pictures, write_task


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of images, or file that lists them")
    parser.add_argument("--label", required=True, help="what to call the task")
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--image-size", type=int, help="side of the squares that all models see")
    size.add_argument("--shorter-side", type=int, help="pictures keep their shape, of at most this")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--examples", type=json.loads, required=True)
    parser.add_argument("--group", help="regular expression of the group in a path")
    parser.add_argument("--keep", nargs="*", default=[], help="what the labels depend on")
    parser.add_argument("--label-column", help="of a list that has several")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--task", required=True, help="output")
    parser.add_argument("--examples-table", required=True, help="output")
    parser.add_argument("--problems", required=True, help="output")
    parser.add_argument("--classes", required=True, help="output")
    parser.add_argument("--folds", required=True, help="output")
    args = parser.parse_args()

    resize = Square(args.image_size) if args.image_size else ShorterSide(args.shorter_side)
    data = prepare(
        args.data,
        args.seed,
        resize,
        args.examples,
        args.threads,
        scratch=Path(args.task).parent,
        group=args.group,
        label=args.label_column,
    )
    card = {"name": DATA, "label": args.label, "group": "", "source": "mydata"}
    card |= {"keep": args.keep, "classes": data.classes} | resize.about()
    write = write_task if args.image_size else write_pictures
    write(args.task, data.splits, card)
    write_table(args.examples_table, pd.DataFrame(data.rows))
    write_table(args.problems, pd.DataFrame(map(asdict, data.problems), columns=COLUMNS))
    write_table(args.classes, pd.DataFrame(data.counts))
    write_table(args.folds, data.folds)
    sizes = ", ".join(f"{len(part):,} {split}" for split, part in data.splits.items())
    print(f"{args.label}: {len(data.classes):,} classes; examples: {sizes}; "
          f"problems: {len(data.problems):,}")  # fmt: skip
    for row in data.counts:
        print(", ".join(f"{name} {value}" for name, value in row.items()))


if __name__ == "__main__":
    run(main)
