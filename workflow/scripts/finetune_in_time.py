"""Fine-tune picks and learning rates in a given time, by successive halving.

Each pick that was trained gets a table of its runs and its best weights, as from finetune.py, and
plan.csv says what was done, what it cost, and what more time would have tried. A job that was
killed goes on after its last finished run with the time that was left then.
"""

import argparse
import json
import time
from pathlib import Path

from needle.base.code import code_files
from needle.base.errors import run
from needle.base.measures import ACCURACY
from needle.base.run_tables import read_table
from needle.base.tensors import read_card
from needle.finetuning.in_time.costs import Costs, from_search
from needle.finetuning.in_time.halving import Arm
from needle.finetuning.in_time.tune import Tuning, plan_rows, tune_in_time
from needle.finetuning.resume import FinishedRuns, file_hash
from needle.machine.device import choose_device, try_convolutions
from needle.tasks.task_file import Task


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranking", required=True)
    parser.add_argument("--checkpoints", nargs="+", required=True, help="of the picks")
    parser.add_argument("--embeddings", nargs="+", required=True, help="of the picks")
    parser.add_argument("--task", required=True)
    parser.add_argument("--protocols", type=json.loads, required=True, help="by model")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="for search and fine-tuning")
    parser.add_argument("--started", type=float, required=True, help="seconds since the epoch")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpus", type=int, default=0)
    parser.add_argument("--metric", default=ACCURACY, help="what val decides by")
    parser.add_argument("--output", type=Path, required=True, help="folder to write")
    return parser.parse_args()


def main():
    began, args = time.perf_counter(), read_arguments()
    given = args.seconds - max(time.time() - args.started, 0)
    checkpoints = {read_card(path)["name"]: path for path in args.checkpoints}
    ranking = read_table(args.ranking)
    picks = ranking.loc[ranking["picked"], "model"].tolist()
    protocols = {model: args.protocols[model] for model in picks}
    arms = [Arm(m, rate) for m in picks for rate in protocols[m]["learning_rates"]]
    task = Task(args.task)
    costs = Costs(_search_costs(args.embeddings, checkpoints, protocols, task))
    about = {
        "protocols": protocols,
        "seed": args.seed,
        "seconds": args.seconds,
        "task": task.card,
        "metric": args.metric,
        "checkpoints": {model: file_hash(checkpoints[model]) for model in picks},
        "code": [file_hash(file) for file in code_files(__file__)],
    }
    with FinishedRuns(args.output, about) as runs:
        device = choose_device(args.threads, args.gpus)
        try_convolutions()
        tuning = Tuning(
            checkpoints, protocols, task, args.seed, device, args.metric, runs, args.output
        )
        tune_in_time(arms, costs, tuning, given, began)
        plan = plan_rows(arms, costs, tuning)
        if not tuning.rows:
            print(f"{max(tuning.given, 0):.0f} seconds are left: too few for any run")
        tuning.finish(plan)


def _search_costs(embeddings, checkpoints, protocols, task):
    """What the search tells of the cost of each pick."""
    costs, images = {}, {split: len(task.labels(split)) for split in ("train", "val")}
    for about in map(read_card, embeddings):
        protocol, shrunk = protocols[about["model"]], 1.0
        if task.own_sizes and "pixels" in protocol:
            side = read_card(checkpoints[about["model"]])["input_size"]
            shrunk = min(protocol["pixels"] / side, 1.0) ** 2
        batch_size = min(protocol["batch_size"], images["train"])
        costs[about["model"]] = from_search(
            about["seconds"], sum(images.values()), batch_size, shrunk
        )
    return costs


if __name__ == "__main__":
    run(main)
