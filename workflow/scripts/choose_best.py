"""Choose the answer of all candidates on val, measure it once on test, and export it."""

import argparse
from pathlib import Path

from needle.base.csv_files import write_table
from needle.base.errors import NeedleError, run
from needle.base.measures import ACCURACY
from needle.base.run_tables import read_runs, read_table
from needle.base.tensors import open_tensors, read_card, write_tensors
from needle.embedding.batch_size import images_at_once
from needle.finetuning.best_weights import load_finetuned
from needle.finetuning.folds import own_run, read_judged
from needle.machine.device import choose_device
from needle.recommend.answer.candidates import (
    FROZEN,
    SOUP,
    TUNED,
    Candidate,
    all_candidates,
    best_run,
)
from needle.recommend.answer.choose import judged, speed_of
from needle.recommend.answer.ensemble import averaged
from needle.recommend.answer.frozen import load_frozen
from needle.recommend.answer.predictions import example_groups, named, predict, with_paths
from needle.recommend.answer.reliability import reliability
from needle.recommend.answer.temperature import calibrated
from needle.recommend.best.export import export
from needle.recommend.measured import measured
from needle.tasks.task_file import Task


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranking", required=True)
    parser.add_argument("--finetune-folder", type=Path, required=True)
    parser.add_argument(
        "--runs", type=int, help="their number for each pick; any, of some picks, if not given"
    )
    parser.add_argument("--heads", nargs="*", default=[], help="tuned for frozen models")
    parser.add_argument("--checkpoints", nargs="*", default=[], help="of these, in their order")
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
    parser.add_argument("--onnx", action="store_true", help="write it for ONNX too")
    for table in ("candidates", "predictions", "probabilities", "measures", "reliability"):
        parser.add_argument(f"--{table}", required=True)
    return parser.parse_args()


class Singles:
    """The candidates of one model each, and how to load them."""

    def __init__(self, args, device, task, picks):
        self.args, self.device, self.task, self.picks = args, device, task, picks
        self.checkpoints = {
            read_card(head)["model"]: (checkpoint, head)
            for checkpoint, head in zip(args.checkpoints, args.heads, strict=True)
        }
        self.judged, self.labels = None, task.labels("val")  # of val, or of all in a fold

    def load(self, kind, model):
        """Load a model with its head, and its card."""
        if kind == FROZEN:
            return load_frozen(*self.checkpoints[model], self.task)
        return load_finetuned(self._file(model, ".soup.safetensors" if kind == SOUP else ""))

    def predict(self, kind, name, split):
        """Give the probabilities of a split by one model."""
        model, card = self.load(kind, name)
        batch_size = images_at_once(model, card, self.task, self.device, self.args.memory)
        return predict(model, card, self.task, split, batch_size, self.device)

    def candidates(self):
        """List them, by kind and rank."""
        tuned = [self._tuned(model) for model in self.picks]
        soups = [self._soup(each) for each in tuned]
        frozen = [self._frozen(model) for model in self.checkpoints]
        return [*frozen, *tuned, *filter(None, soups)]

    def _file(self, model, ending=""):
        return self.args.finetune_folder / f"{model}{ending or '.safetensors'}"

    def _frozen(self, model):
        _, head = self.checkpoints[model]
        with open_tensors(head) as file:
            said = file.get_tensor("probabilities")
        return Candidate(FROZEN, (model,), said, read_card(head)["seconds"])

    def _tuned(self, model):
        said, table = None, self._file(model, ".csv")
        if self.args.over_folds:
            runs = own_run(read_table(table))
            file = self._file(model, ".folds.safetensors")
            self.judged, self.labels, said = read_judged(file, self.task)
        else:
            runs = read_runs(table, self.args.runs)
        if runs["diverged"].all():
            said = None
        elif not self.args.over_folds:
            said = self.predict(TUNED, model, "val")
        run = best_run(runs, f"val_{self.args.metric}", self.args.metric)
        return Candidate(TUNED, (model,), said, runs["seconds"].sum(), run)

    def _soup(self, tuned):
        """Give the soup of a pick's runs, if there is one."""
        (model,) = tuned.models
        card = read_card(self._file(model, ".soup.safetensors"))
        if len(card["soup"]) < 2:
            return None
        said = self.predict(SOUP, model, "val")
        return Candidate(SOUP, (model,), said, card["seconds"])


def main():
    args = read_arguments()
    device = choose_device(args.threads, args.gpus)
    task = Task(args.task)
    ranking = read_table(args.ranking)
    picks = ranking[ranking["picked"]].sort_values("rank")["model"].tolist()
    if args.runs is None:
        picks = [model for model in picks if (args.finetune_folder / f"{model}.csv").exists()]
    singles = Singles(args, device, task, picks)
    found = singles.candidates()
    if not found:
        raise NeedleError(
            "config: time: it was too short to fine-tune any pick, and there is nothing else to "
            f"choose; give more ({args.finetune_folder}/plan.csv says how much a run takes)"
        )
    labels = {"val": singles.labels, "test": task.labels("test")}
    groups = example_groups(args.examples, singles.judged)
    candidates = all_candidates(found, labels["val"], args.metric)
    table = judged(
        candidates, labels["val"], args.metric, args.level, args.seed, groups.get("val"),
        speed_of(ranking),
    )  # fmt: skip
    (name,) = table.loc[table["chosen"], "candidate"]
    (chosen,) = [each for each in candidates if each.name == name]

    weights = chosen.members or {name: 1.0}
    members = [each for each in candidates if each.name in weights]
    parts = {each.name: singles.predict(each.kind, each.models[0], "test") for each in members}
    before = averaged(parts, weights)
    on_test = calibrated(before, chosen.temperature)
    said = {("val", each.name): each.calibrated() for each in candidates if each.on_val is not None}
    said["test", name] = on_test
    classes = task.card["classes"]
    measures = measured(said, labels, classes, args.level, args.seed, groups)
    predictions = with_paths(named(on_test, labels["test"], classes), args.examples)
    tensors = {f"{split}.{candidate}": values for (split, candidate), values in said.items()}
    write_tensors(args.probabilities, tensors, {"classes": classes, "chosen": name})
    write_table(args.candidates, table)
    write_table(args.predictions, predictions)
    write_table(args.measures, measures)
    write_table(args.reliability, reliability(labels["test"], before, on_test))
    on_test = measures[measures["split"] == "test"]
    about = {"level": args.level, "measures": on_test.to_dict("records")}
    loaded = [(*singles.load(each.kind, each.models[0]), weights[each.name]) for each in members]
    export(args.best, loaded, chosen.temperature, task, about, args.onnx)
    accuracy = on_test.loc[on_test["measure"] == ACCURACY, "value"].item()
    print(f"{name}: {accuracy:.1%} of {len(predictions)} test images are right")


if __name__ == "__main__":
    run(main)
