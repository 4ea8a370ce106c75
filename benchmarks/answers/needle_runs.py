"""Needle's answer, and the answer by its former protocol."""

from pathlib import Path

import numpy as np
import pandas as pd
from answers.probe import outputs

from needle.base.errors import NeedleError
from needle.base.schema import read_yaml
from needle.base.tensors import open_tensors, read_card
from needle.finetuning.best_weights import load_finetuned
from needle.machine.device import choose_device
from needle.scores.columns import DATA

FORMER = read_yaml(Path(__file__).with_name("former.yaml"))


def recommended(case, _seconds):
    """Needle's answer, whatever it is made of."""
    seconds = case.recommend("needle", case.config)
    file = case.results("needle") / "recommendation/probabilities.safetensors"
    chosen, right = read_card(file)["chosen"], {}
    with open_tensors(file) as tensors:
        for split in ("val", "test"):
            said = tensors.get_tensor(f"{split}.{chosen}").argmax(axis=1)
            right[split] = np.mean(said == case.task.labels(split))
    return {
        "model": chosen,
        "val_accuracy": right["val"],
        "test_accuracy": right["test"],
        "seconds": seconds,
        "predicted": said,
    }


def former(case, _seconds):
    """The best run on val of the fine-tuned picks, by the former protocol."""
    named = ("protocol", "protocol_on_processor")
    config = {key: value for key, value in case.config.items() if key not in named} | FORMER
    seconds = case.recommend("former", config)
    folder = case.results("former")
    if read_card(folder / "data/task.safetensors")["sha256"] != case.task.card["sha256"]:
        raise NeedleError(f"{case.name}: {case.data} has changed; remove {case.output}")
    ranking = pd.read_csv(folder / "recommendation/ranking.csv").sort_values("rank")
    picked = ranking.loc[ranking["picked"], "model"]
    tables = {model: pd.read_csv(folder / f"finetune/{DATA}/{model}.csv") for model in picked}
    best = pd.Series({model: table["val_accuracy"].max() for model, table in tables.items()})
    chosen = best.idxmax()
    model, card = load_finetuned(folder / f"finetune/{DATA}/{chosen}.safetensors")
    said = outputs(model, card, case.task, "test", choose_device(case.cores, 0)).argmax(axis=1)
    return {
        "model": chosen,
        "val_accuracy": best[chosen],
        "test_accuracy": np.mean(said == case.task.labels("test")),
        "seconds": seconds,
        "predicted": said,
    }
