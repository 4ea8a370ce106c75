"""Fine-tune one model on one task: every learning rate, every repeat.

A job that was killed goes on after its last finished run; one that finds another at work on its
output waits and takes over its runs. With --weights, the weights of the run that is best on
val by --metric are written too, and the test set is left alone; with --soup, the mean of the best
runs' weights. With --folds, every learning rate is tried on every fold instead of in every repeat,
and the weights are those of one more run, at the rate that was best on all.
"""

import argparse
import json

from needle.base.code import code_files
from needle.base.errors import run
from needle.base.measures import ACCURACY
from needle.base.seeds import derive_seed
from needle.finetuning.best_weights import BestWeights
from needle.finetuning.finetune import EVALUATION_BATCH, finetune, training_view
from needle.finetuning.folds import SAID, choose_rate, finetune_folds, write_judged
from needle.finetuning.resume import FinishedRuns, file_hash, write_runs
from needle.finetuning.soup import finish
from needle.machine.device import choose_device, device_name, try_convolutions
from needle.models.checkpoints import load_backbone
from needle.proxies.folds import read_folds
from needle.recommend.answer.predictions import predict
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
    parser.add_argument("--soup", help="where the mean of the best runs' weights goes")
    parser.add_argument("--folds", nargs="?", help="table of the folds to try learning rates on")
    parser.add_argument("--judged", nargs="?", help="where what was said over folds goes")
    parser.add_argument("--metric", default=ACCURACY, help="what val decides by")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    task = Task(args.task)
    backbone, card = load_backbone(args.checkpoint)
    folds = [val for val in read_folds(args.folds, repeats=1) if val.any()]
    repeats = len(folds) + 1 if folds else args.protocol["repeats"]
    seeds = [
        derive_seed(args.seed, "finetune", card["name"], task.card["name"], repeat)
        for repeat in range(repeats)
    ]
    about = {
        "protocol": args.protocol,
        "seeds": seeds,
        "task": task.card,
        "weights": args.weights is not None,
        "folds": [val.tolist() for val in folds],
        "metric": args.metric,
        "checkpoint": file_hash(args.checkpoint),
        "code": [file_hash(file) for file in code_files(__file__)],
    }
    with FinishedRuns(args.output, about) as runs:
        # Not before: a job that is waited for may need the device to come to its end.
        device = choose_device(args.threads, args.gpus)
        try_convolutions()
        best = keep = None
        protocol, first = args.protocol, 0
        if args.weights:
            view = training_view(backbone, card, task, args.protocol)
            seen = card | {"preprocessing": view.preprocessing()}
            if folds:
                job = backbone, card, task, folds, protocol
                protocol = _over_folds(args, job, seen, seeds[1:], device, runs)
                first = len(folds) * len(args.protocol["learning_rates"])
            # Val may lack a class that the folds have; of one run there is nothing to choose.
            metric = ACCURACY if folds else args.metric
            best = BestWeights(args.output, args.weights, seen, task, runs, metric, first)
            keep = best.keep
        for row in finetune(
            backbone, card, task, protocol, seeds, device, runs.rows[first:], keep, args.metric
        ):
            runs.add(row | {"device": device_name(device)})
        write_runs(args.output, runs.rows, [SAID])
        if args.soup:
            most = runs.rows[-1]["micro_batch"]
            finish(best, args.soup, most, task, view, device, metric)
        elif best:
            best.finish()
        runs.remove()


def _over_folds(args, job, seen, seeds, device, runs):
    """Try every learning rate on every fold; it returns the protocol of one run at the best."""
    _, _, task, folds, protocol = job

    def say(model, part, most):
        batch_size = min(EVALUATION_BATCH, most or EVALUATION_BATCH)
        return predict(model.eval(), seen, part, "val", batch_size, device)

    count = len(folds) * len(protocol["learning_rates"])
    for row in finetune_folds(*job, seeds, say, device, runs.rows[:count], metric=args.metric):
        runs.add(row | {"device": device_name(device)})
    rate, judged, probabilities = choose_rate(runs.rows[:count], folds, task, args.metric)
    write_judged(args.judged, judged, probabilities)
    return protocol | {"repeats": 1, "learning_rates": [] if rate is None else [rate]}


if __name__ == "__main__":
    run(main)
