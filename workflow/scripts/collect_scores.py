"""Write scores.csv from the files of all proxy and fine-tuning runs."""

import argparse
import json
from pathlib import Path

import pandas as pd

from needle.errors import run
from needle.files import write_table
from needle.partial import ACCURACY, SCORE, measured_percents
from needle.scores import finetune_repeats, proxy_repeats, score_rows
from needle.tidy import read_runs


def partial_rows(model, task, runs):
    """Lay out what fine-tuning had reached part of the way, a score for each measurement."""
    best = runs.groupby("repeat").max()  # over learning rates
    return [
        score_rows(model, task, SCORE.format(percent), best[ACCURACY.format(percent)])
        for percent in measured_percents(runs.columns)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--tasks", nargs="+", required=True)
    parser.add_argument("--runs", type=json.loads, required=True, help="their number by score")
    parser.add_argument("--left-out", nargs="*", default=[], help="task/model that were not run")
    parser.add_argument("--results", type=Path, required=True, help="folder of the run")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    tables = []
    for task in args.tasks:
        for model in args.models:
            if f"{task}/{model}" in args.left_out:
                continue
            for score, count in args.runs.items():
                is_finetune = score == "finetune"
                folder = args.results / ("finetune" if is_finetune else f"proxies/{score}")
                runs = read_runs(folder / task / f"{model}.csv", count)
                repeats = finetune_repeats(runs) if is_finetune else proxy_repeats(runs)
                tables.append(score_rows(model, task, score, repeats))
                tables += partial_rows(model, task, runs) if is_finetune else []
    write_table(args.output, pd.concat(tables, ignore_index=True))


if __name__ == "__main__":
    run(main)
