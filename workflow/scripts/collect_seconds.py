"""Write seconds.csv from the files of all embeddings, proxy and fine-tuning runs."""

import argparse
import json
from pathlib import Path

import pandas as pd

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.tensors import read_card
from needle.scores.protocols import is_finetune
from needle.scores.run_files import pairs, read_pair
from needle.scores.seconds import EMBEDDING, SECONDS_COLUMNS, finetune_stages, of_repeat


def read_seconds(results, task, model, runs):
    """Read the seconds and the fine-tune steps of one (model, task) by stage."""
    embedding = read_card(results / "embeddings" / task / f"{model}.safetensors")["seconds"]
    stages = {EMBEDDING: (embedding, 0)}
    for stage, table in read_pair(results, model, task, runs):
        if is_finetune(stage):
            stages |= finetune_stages(table, stage)
        else:
            stages[stage] = of_repeat(table, "seconds"), 0
    return stages


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--tasks", nargs="+", required=True)
    parser.add_argument("--runs", type=json.loads, required=True, help="their number by score")
    parser.add_argument("--left-out", nargs="*", default=[], help="task/model that were not run")
    parser.add_argument("--results", type=Path, required=True, help="folder of the run")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    rows = [
        (model, task, stage, *spent)
        for model, task in pairs(args.models, args.tasks, args.left_out)
        for stage, spent in read_seconds(args.results, task, model, args.runs).items()
    ]
    write_table(args.output, pd.DataFrame(rows, columns=SECONDS_COLUMNS))


if __name__ == "__main__":
    run(main)
