"""Needle's answer, and the answer by its former protocol."""

from pathlib import Path

import numpy as np
import pandas as pd

from needle.base.measures import ACCURACY
from needle.base.schema import read_yaml
from needle.finetuning.best_weights import load_finetuned
from needle.machine.device import choose_device
from needle.recommend.choose import predict
from needle.scores.columns import DATA

FORMER = read_yaml(Path(__file__).with_name("former.yaml"))


def recommended(case, _seconds):
    """Needle's answer, whatever it is made of."""
    seconds = case.recommend("needle", case.config)
    advice = case.results("needle") / "recommendation"
    measures = pd.read_csv(advice / "measures.csv")
    measures = measures[measures["measure"] == ACCURACY]
    (test,) = measures[measures["split"] == "test"].to_dict("records")
    val = measures[(measures["split"] == "val") & (measures["model"] == test["model"])]
    predictions = pd.read_csv(advice / "predictions.csv", dtype=str, keep_default_na=False)
    index = {name: i for i, name in enumerate(case.task.card["classes"])}
    return {
        "model": test["model"],
        "val_accuracy": val["value"].item(),
        "test_accuracy": test["value"],
        "seconds": seconds,
        "predicted": predictions["predicted"].map(index).to_numpy(),
    }


def former(case, _seconds):
    """The best run on val of the fine-tuned picks, by the protocol of release 1.0."""
    named = ("protocol", "protocol_on_processor")
    config = {key: value for key, value in case.config.items() if key not in named} | FORMER
    seconds = case.recommend("former", config)
    folder = case.results("former")
    ranking = pd.read_csv(folder / "recommendation/ranking.csv").sort_values("rank")
    tables = {model: pd.read_csv(folder / f"finetune/{DATA}/{model}.csv")
              for model in ranking.loc[ranking["picked"], "model"]}  # fmt: skip
    best = {model: table["val_accuracy"].max() for model, table in tables.items()}
    chosen = max(best, key=best.get)
    model, card = load_finetuned(folder / f"finetune/{DATA}/{chosen}.safetensors")
    device = choose_device(case.cores, 0)
    said = predict(model, card, case.task, "test", 64, device).argmax(axis=1)
    return {
        "model": chosen,
        "val_accuracy": best[chosen],
        "test_accuracy": np.mean(said == case.task.labels("test")),
        "seconds": seconds,
        "predicted": said,
    }
