"""Write seconds.csv from the files of all embeddings, proxy and fine-tuning runs."""

import argparse
import json
from pathlib import Path

import pandas as pd

from needle.errors import run
from needle.files import read_card, write_table
from needle.seconds import EMBEDDING, FINETUNE, SECONDS_COLUMNS, seconds_of_repeat
from needle.tidy import read_runs


def read_seconds(results, task, model, runs):
    """Read the seconds of one (model, task) by stage."""
    embedding = read_card(results / "embeddings" / task / f"{model}.safetensors")["seconds"]
    seconds = {EMBEDDING: embedding}
    for stage, count in runs.items():
        folder = results / (FINETUNE if stage == FINETUNE else f"proxies/{stage}")
        seconds[stage] = seconds_of_repeat(read_runs(folder / task / f"{model}.csv", count))
    return seconds


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
        (model, task, stage, seconds)
        for task in args.tasks
        for model in args.models
        if f"{task}/{model}" not in args.left_out
        for stage, seconds in read_seconds(args.results, task, model, args.runs).items()
    ]
    write_table(args.output, pd.DataFrame(rows, columns=SECONDS_COLUMNS))


if __name__ == "__main__":
    run(main)
