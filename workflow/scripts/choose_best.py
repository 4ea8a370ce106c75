"""Choose the best of the fine-tuned picks on val, measure it once on test, and export it."""

import argparse
from pathlib import Path

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.run_tables import read_runs, read_table
from needle.embedding.batch_size import images_at_once
from needle.finetuning.best_weights import load_finetuned
from needle.machine.device import choose_device
from needle.recommend.choose import pick_results, predict, with_paths
from needle.recommend.export import export
from needle.tasks.task_file import Task


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranking", required=True)
    parser.add_argument("--finetune-folder", type=Path, required=True)
    parser.add_argument("--runs", type=int, required=True, help="their number for each pick")
    parser.add_argument("--task", required=True)
    parser.add_argument("--examples", required=True, help="table of the task file's examples")
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--memory", type=int, required=True, help="MB that it may take")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpus", type=int, default=0)
    parser.add_argument("--best", required=True, help="folder that the chosen model goes to")
    parser.add_argument("--picks", required=True)
    parser.add_argument("--predictions", required=True)
    args = parser.parse_args()

    device = choose_device(args.threads, args.gpus)
    task = Task(args.task)
    ranking = read_table(args.ranking)
    ranks = ranking[ranking["picked"]].set_index("model")["rank"].to_dict()
    folder = args.finetune_folder
    runs = {model: read_runs(folder / f"{model}.csv", args.runs) for model in ranks}
    picks = pick_results(runs, ranks, len(task.labels("val")), args.level)
    (chosen,) = picks.loc[picks["chosen"], "model"]
    model, card = load_finetuned(folder / f"{chosen}.safetensors")
    batch_size = images_at_once(model, card, task, device, args.memory)
    predictions = predict(model, card, task, batch_size, device)
    correct = int((predictions["label"] == predictions["predicted"]).sum())
    accuracy = {
        "label": task.card["label"],
        "correct": correct,
        "count": len(predictions),
        "level": args.level,
    }
    write_table(args.picks, picks)
    write_table(args.predictions, with_paths(predictions, args.examples))
    export(args.best, model, card, accuracy)
    print(f"{chosen}: {correct} of {len(predictions)} test images are right")


if __name__ == "__main__":
    run(main)
