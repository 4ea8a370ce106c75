"""Making an entry of a finished run: its scores, and what they are of."""

from pathlib import Path

import numpy as np
import pandas as pd

from needle.base.errors import NeedleError
from needle.base.schema import read_yaml
from needle.base.tensors import hash_tensors, open_tensors, read_card
from needle.finetuning.partial import is_partial
from needle.scores.columns import TASK_EMBEDDINGS
from needle.scores.finished import NUMBERS
from needle.scores.protocols import FINETUNE, OWN, is_finetune, protocols_of, score_of
from needle.scores.score_table import read_models, read_scores, read_tasks
from needle.store.cards import ABOUT_MODEL, protocol_card
from needle.store.entry import Entry
from needle.store.layout import ROW_COLUMNS
from needle.store.spent import read_spent
from needle.strategies.labels import ACCURACIES

CONFIG = "config.yaml"  # in the results of a run
TABLES = ["models.csv", "tasks.csv", "scores.csv", CONFIG]


def collect(results, name):
    """Make an entry of a run.

    Parameters
    ----------
    results : path
        Folder of its results.
    name : str
        Of the entry.

    Returns
    -------
    Entry
        Not checked.

    Raises
    ------
    NeedleError
        If the run is not finished, is a recommendation, or a checkpoint or a task file is gone: its
        content tells other runs that the model or the task is the same.
    """
    results = Path(results)
    missing = [table for table in TABLES if not (results / table).is_file()]
    if missing:
        raise NeedleError(
            f"{results}: has no {', '.join(missing)}; name the results of a benchmark or of "
            "finished scores, such as results/mini, and finish the run first (make run)"
        )
    about = read_yaml(results / CONFIG)
    rows = _rows(results, about)
    return Entry(
        name,
        _run(results, about, list(rows["score"].unique())),
        _models(results, about, set(rows["model"])),
        _tasks(results, about),
        {name: protocol_card(keys) for name, keys in about["protocols"].items()},
        rows,
        _task_embeddings(results),
    )


def _rows(results, about):
    """The rows of scores.csv that have a value, with what they took."""
    scores = read_scores(results / "scores.csv").dropna(subset="value")
    spent = read_spent(results, scores) if about["checkpoints"] else None
    if spent is None:
        scores = scores.assign(seconds=np.nan, device="")
    else:
        scores = scores.merge(spent, "left", ["model", "task", "score", "repeat"])
        scores["device"] = scores["device"].fillna("")
    protocols = {
        score_of(protocol): protocol for protocol in protocols_of(scores["score"].unique())
    }
    scores["protocol"] = scores["score"].map(protocols).fillna(OWN)
    scores["score"] = scores["score"].mask(scores["score"].map(is_finetune), FINETUNE)
    return scores[ROW_COLUMNS].reset_index(drop=True)


def _run(results, about, scores):
    config = about["config"]
    unit = config.get("unit", "fraction")
    proxies = config.get("proxies")
    if proxies is None:  # finished scores
        proxies = {score: {} for score in scores if score != FINETUNE}
        accuracies = [one for one in scores if isinstance(unit, str) or unit[one] != "score"]
    else:
        accuracies = [one for one in scores if one in {FINETUNE, *ACCURACIES} or is_partial(one)]
    return {
        "run": config["run"],
        "kind": "published" if "published" in config else "own",
        "source": config.get("published"),
        "license": config.get("license"),
        "accuracies": sorted(accuracies),
        "proxies": proxies,
        "machines": _machines(results),
    }


def _machines(results):
    """The machines that embedded the tasks; those of earlier releases did not say."""
    found = []
    for path in sorted(results.glob("embeddings/*/*.safetensors")):
        card = read_card(path)
        machine = {key: card[key] for key in ("device", "versions") if key in card}
        if machine and machine not in found:
            found.append(machine)
    return found


def _models(results, about, names):
    """Cards of the models that have a value."""
    table = read_models(results / "models.csv")
    zoo = {card["name"]: card for card in about.get("zoo", {}).get("models", [])}
    cards = {}
    for name, row in table.loc[[name for name in table.index if name in names]].iterrows():
        card = zoo.get(name, {})
        path = about["checkpoints"].get(name)
        cards[name] = {
            "sha256": hash_tensors(_there(path, "checkpoint", name)) if path else None,
            "origin": _origin(card),
            **{column: _plain(column, row.get(column, card.get(column))) for column in ABOUT_MODEL},
        }
    return cards


def _origin(card):
    """Where weights come from: what a model card says of it."""
    for key in ("weights", "pretrain"):
        if key in card:
            return {key: {name: value for name, value in card[key].items() if name != "rename"}}
    return None


def _plain(column, value):
    """A cell of models.csv as YAML has it."""
    if isinstance(value, list):
        return list(value)
    if pd.isna(value) or value == "":
        return None
    if column not in NUMBERS:
        return str(value)
    return (
        int(value) if float(value).is_integer() and column != "reference_accuracy" else float(value)
    )


def _tasks(results, about):
    cards = {}
    for row in read_tasks(results / "tasks.csv").itertuples():
        path = about["tasks"].get(row.task)
        made = _task_file(_there(path, "task file", row.task)) if path else {}
        cards[row.task] = {
            "sha256": made.get("sha256"),
            "label": row.label,
            "group": row.group,
            "classes": made.get("classes", []),
            "examples": made.get("examples", {}),
        }
    return cards


def _task_file(path):
    card = read_card(path)
    with open_tensors(path) as file:
        examples = {
            name.removesuffix("_labels"): file.get_slice(name).get_shape()[0]
            for name in file.keys()  # noqa: SIM118
            if name.endswith("_labels")
        }
    order = ("train", "val", "test")
    return card | {"examples": {split: examples[split] for split in order}}


def _there(path, what, name):
    if not Path(path).is_file():
        raise NeedleError(
            f"{path}: missing, the {what} of {name}, by whose content other runs find its results; "
            f"make it again: snakemake --cores all {path}"
        )
    return path


def _task_embeddings(results):
    found = {}
    for path in sorted(results.glob(f"{TASK_EMBEDDINGS}/*.safetensors")):
        card = read_card(path)
        with open_tensors(path) as file:
            found[card["task"]] = card["probe"], file.get_tensor("fisher")
    return found
