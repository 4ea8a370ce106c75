"""Draw the pictures that each round of the search embeds."""

import argparse
from itertools import zip_longest

import pandas as pd

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.recommend.rounds import SPLITS, draw_rounds
from needle.tasks.task_file import Task


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", required=True)
    parser.add_argument("--folds", required=True, help="table of the folds")
    parser.add_argument("--rounds", nargs="+", type=int, required=True, help="pictures of each")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--outputs", nargs="+", required=True, help="a table for each round")
    args = parser.parse_args()

    task, folds = Task(args.task), pd.read_csv(args.folds).drop(columns="example")
    labels = {split: task.labels(split) for split in SPLITS}
    rows = [(split, row) for split in SPLITS for row in range(len(labels[split]))]
    every = pd.DataFrame(rows, columns=["split", "row"]).join(folds)
    drawn = draw_rounds(labels, args.rounds, args.seed)
    # Data that have no more pictures than a round have fewer rounds: the last tables are empty.
    for output, part in zip_longest(args.outputs, drawn, fillvalue={}):
        is_in = [row in part.get(split, ()) for split, row in rows]
        write_table(output, every[is_in])


if __name__ == "__main__":
    run(main)
