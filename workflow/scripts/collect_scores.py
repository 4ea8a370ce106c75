"""Write scores.csv from the files of all proxy and fine-tuning runs, and what is missing in it."""

import argparse
import json
from pathlib import Path

import pandas as pd

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.finetuning.partial import ACCURACY, SCORE, measured_percents
from needle.scores.columns import MISSING_COLUMNS
from needle.scores.protocols import is_finetune
from needle.scores.run_files import pairs, read_pair
from needle.scores.score_table import finetune_repeats, missing_reason, proxy_repeats, score_rows


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
    parser.add_argument("--scores", required=True, help="table to write")
    parser.add_argument("--missing", required=True, help="table to write")
    args = parser.parse_args()

    tables, missing = [], []
    for model, task in pairs(args.models, args.tasks, args.left_out):
        for score, runs in read_pair(args.results, model, task, args.runs):
            trained = is_finetune(score)
            repeats = finetune_repeats(runs) if trained else proxy_repeats(runs)
            tables.append(score_rows(model, task, score, repeats))
            tables += partial_rows(model, task, runs) if trained else []
            if not trained and (reason := missing_reason(runs)):
                missing.append((model, task, score, reason))
    write_table(args.scores, pd.concat(tables, ignore_index=True))
    write_table(args.missing, pd.DataFrame(missing, columns=MISSING_COLUMNS))


if __name__ == "__main__":
    run(main)
