"""Fine-tune one model on one task: every learning rate, every repeat.

A job that was killed goes on after its last finished run; one that finds another at work on its
output waits and takes over its runs. With --weights, the weights of the run that is best on
val by --metric are written too, and the test set is left alone.
"""

import argparse
import json

from needle.base.code import code_files
from needle.base.csv_files import write_rows
from needle.base.errors import run
from needle.base.measures import ACCURACY
from needle.base.seeds import derive_seed
from needle.finetuning.best_weights import BestWeights
from needle.finetuning.finetune import finetune, training_view
from needle.finetuning.resume import FinishedRuns, file_hash
from needle.machine.device import choose_device, try_convolutions
from needle.models.checkpoints import load_backbone
from needle.tasks.task_file import Task


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--protocol", type=json.loads, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpus", type=int, default=0)
    parser.add_argument("--weights", help="where the best run's weights go")
    parser.add_argument("--metric", default=ACCURACY, help="what val decides by")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    task = Task(args.task)
    backbone, card = load_backbone(args.checkpoint)
    seeds = [
        derive_seed(args.seed, "finetune", card["name"], task.card["name"], repeat)
        for repeat in range(args.protocol["repeats"])
    ]
    about = {
        "protocol": args.protocol,
        "seeds": seeds,
        "task": task.card,
        "weights": args.weights is not None,
        "metric": args.metric,
        "checkpoint": file_hash(args.checkpoint),
        "code": [file_hash(file) for file in code_files(__file__)],
    }
    with FinishedRuns(args.output, about) as runs:
        # Not before: a job that is waited for may need the device to come to its end.
        device = choose_device(args.threads, args.gpus)
        try_convolutions()
        best = keep = None
        if args.weights:
            view = training_view(backbone, card, task, args.protocol)
            seen = card | {"preprocessing": view.preprocessing()}
            best = BestWeights(args.output, args.weights, seen, task, runs, args.metric)
            keep = best.keep
        for row in finetune(
            backbone, card, task, args.protocol, seeds, device, runs.rows, keep, args.metric
        ):
            runs.add(row)
        columns = [name for name in runs.rows[0] if name != "micro_batch"]
        write_rows(args.output, [{name: row[name] for name in columns} for row in runs.rows])
        if best:
            best.finish()
        runs.remove()


if __name__ == "__main__":
    run(main)
