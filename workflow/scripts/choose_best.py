"""Choose the best of the fine-tuned picks on val, measure it once on test, and export it."""

import argparse
from pathlib import Path

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.measures import ACCURACY
from needle.base.run_tables import read_runs, read_table
from needle.base.tensors import write_tensors
from needle.embedding.batch_size import images_at_once
from needle.finetuning.best_weights import load_finetuned
from needle.finetuning.folds import own_run, read_judged
from needle.machine.device import choose_device
from needle.recommend.choose import example_groups, named, pick_results, predict, with_paths
from needle.recommend.export import export
from needle.recommend.measured import measured
from needle.tasks.task_file import Task


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranking", required=True)
    parser.add_argument("--finetune-folder", type=Path, required=True)
    parser.add_argument("--runs", type=int, required=True, help="their number for each pick")
    parser.add_argument(
        "--over-folds", action="store_true", help="judge train and val by folds, not val"
    )
    parser.add_argument("--task", required=True)
    parser.add_argument("--examples", required=True, help="table of the task file's examples")
    parser.add_argument("--metric", required=True, help="what val decides by")
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--memory", type=int, required=True, help="MB that it may take")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpus", type=int, default=0)
    parser.add_argument("--best", required=True, help="folder that the chosen model goes to")
    parser.add_argument("--picks", required=True)
    parser.add_argument("--predictions", required=True)
    parser.add_argument("--probabilities", required=True)
    parser.add_argument("--measures", required=True)
    return parser.parse_args()


def read_picks(args, task, ranks, say):
    """Read the runs that count, and what was said of val, or over folds of train and val.

    Returns
    -------
    runs : dict of str to DataFrame
    labels : dict of str to numpy.ndarray
        Of val and test.
    on_val : dict of str to numpy.ndarray
        Probabilities by model that was tuned to an end.
    groups : dict of str to numpy.ndarray
    """
    labels = {split: task.labels(split) for split in ("val", "test")}
    folder, judged, found = args.finetune_folder, None, {}
    if args.over_folds:
        runs = {model: own_run(read_table(folder / f"{model}.csv")) for model in ranks}
        for model in ranks:
            judged, labels["val"], found[model] = read_judged(
                folder / f"{model}.folds.safetensors", task
            )
    else:
        runs = {model: read_runs(folder / f"{model}.csv", args.runs) for model in ranks}
    tuned = [model for model in ranks if not runs[model]["diverged"].all()]
    on_val = {model: found[model] if args.over_folds else say(model, "val") for model in tuned}
    return runs, labels, on_val, example_groups(args.examples, judged)


def main():
    args = read_arguments()
    device = choose_device(args.threads, args.gpus)
    task = Task(args.task)
    ranking = read_table(args.ranking)
    ranks = ranking[ranking["picked"]].set_index("model")["rank"].to_dict()
    folder = args.finetune_folder

    def say(name, split):
        model, card = load_finetuned(folder / f"{name}.safetensors")
        batch_size = images_at_once(model, card, task, device, args.memory)
        return predict(model, card, task, split, batch_size, device)

    runs, labels, on_val, groups = read_picks(args, task, ranks, say)
    picks = pick_results(
        runs, ranks, labels["val"], on_val, args.metric, args.level, args.seed, groups.get("val")
    )
    (chosen,) = picks.loc[picks["chosen"], "model"]
    on_test = say(chosen, "test")
    classes = task.card["classes"]
    said = {("val", model): on_val[model] for model in on_val} | {("test", chosen): on_test}
    table = measured(said, labels, classes, args.level, args.seed, groups)
    predictions = with_paths(named(on_test, labels["test"], classes), args.examples)
    write_table(args.picks, picks)
    write_table(args.predictions, predictions)
    write_table(args.measures, table)
    tensors = {f"{split}.{model}": values for (split, model), values in said.items()}
    write_tensors(args.probabilities, tensors, {"classes": classes, "chosen": chosen})
    on_test = table[table["split"] == "test"]
    about = {"label": task.card["label"], "count": len(predictions), "level": args.level}
    model, card = load_finetuned(folder / f"{chosen}.safetensors")
    export(args.best, model, card, about | {"measures": on_test.to_dict("records")})
    accuracy = on_test.loc[on_test["measure"] == ACCURACY, "value"].item()
    print(f"{chosen}: {accuracy:.1%} of {len(predictions)} test images are right")


if __name__ == "__main__":
    run(main)
