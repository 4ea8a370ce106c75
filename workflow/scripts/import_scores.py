"""Bring finished scores into the form that all analysis reads."""

import argparse
import json

from needle.base.csv_files import write_rows
from needle.base.errors import run
from needle.scores.columns import LIST_COLUMNS
from needle.scores.finished import read_model_file, read_score_file, read_task_file


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores-file", required=True)
    parser.add_argument("--models-file", nargs="?", help="without it, only names are known")
    parser.add_argument("--tasks-file", nargs="?", help="without it, only names are known")
    parser.add_argument("--unit", type=json.loads, required=True)
    parser.add_argument("--models", required=True, help="table to write")
    parser.add_argument("--tasks", required=True, help="table to write")
    parser.add_argument("--scores", required=True, help="table to write")
    args = parser.parse_args()

    scores = read_score_file(args.scores_file, args.unit)
    models = read_model_file(args.models_file, list(dict.fromkeys(r["model"] for r in scores)))
    tasks = read_task_file(args.tasks_file, list(dict.fromkeys(r["task"] for r in scores)))
    # A model that has seen a task's data is left out for it.
    scores = [r for r in scores if r["task"] not in models[r["model"]]["contaminated_tasks"]]
    for model in models.values():
        model |= {column: ";".join(model[column]) for column in LIST_COLUMNS}
    write_rows(args.models, list(models.values()))
    write_rows(args.tasks, tasks)
    place = {task["task"]: number for number, task in enumerate(tasks)}
    write_rows(args.scores, sorted(scores, key=lambda row: place[row["task"]]))


if __name__ == "__main__":
    run(main)
