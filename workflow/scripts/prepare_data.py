"""Prepare a user's own images as a task: check, split and decode them, and say what is wrong."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from needle.contracts import DATA
from needle.errors import run
from needle.files import write_table
from needle.mydata.prepare import prepare
from needle.mydata.problems import COLUMNS
from needle.tasks import write_task


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of images, or .csv file")
    parser.add_argument("--label", required=True, help="what to call the task")
    parser.add_argument("--image-size", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--examples", type=json.loads, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--task", required=True, help="output")
    parser.add_argument("--examples-table", required=True, help="output")
    parser.add_argument("--problems", required=True, help="output")
    args = parser.parse_args()

    data = prepare(
        args.data,
        args.seed,
        args.image_size,
        args.examples,
        args.threads,
        scratch=Path(args.task).parent,
    )
    card = {"name": DATA, "label": args.label, "group": "", "source": "mydata"}
    write_task(args.task, data.splits, card | {"classes": data.classes}, args.image_size)
    write_table(args.examples_table, pd.DataFrame(data.rows))
    write_table(args.problems, pd.DataFrame(map(asdict, data.problems), columns=COLUMNS))
    sizes = ", ".join(f"{len(part):,} {split}" for split, part in data.splits.items())
    print(f"{args.label}: {len(data.classes):,} classes; examples: {sizes}; "
          f"problems: {len(data.problems):,}")  # fmt: skip


if __name__ == "__main__":
    run(main)
