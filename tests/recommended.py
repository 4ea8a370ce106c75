"""The files of a small recommendation, as the stages before the report write them."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from needle.base.csv_files import write_table
from needle.recommend.answer.choose import SPEED
from needle.recommend.answer.reliability import reliability
from needle.recommend.answer.temperature import calibrated
from needle.recommend.intervals import wilson
from needle.recommend.known_results import Choice
from needle.recommend.measured import measured
from needle.scores.columns import SPEED_COLUMNS
from needle.tasks.task_file import write_task

ROOT = Path(__file__).parents[1]
PROTOCOL = {"steps": 100, "batch_size": 32, "learning_rates": [0.1], "repeats": 1}
CONFIGURATION = {"run": "birds", "data": "pictures/birds", "budget": 3, "seed": 7,
                 "finetune": PROTOCOL}  # fmt: skip
TUNING = "Fine-tuning was 100 steps of 32 images at learning rate 0.1."
LEVEL = 0.95

# model, rank, linear, knn, reference accuracy, parameters, seconds, why, left out
POOL = [
    ("resnet10t.mix", 1, 0.60, 0.42, 0.621, 322_000, 6.0,
     "best task-agnostic pick: the highest reference accuracy of the pool (62.1 %; 3 of 5 models "
     "have one)", ""),
    ("resnet10t.glyph", 2, 0.715, 0.55, None, 322_000, 5.5,
     "best linear score among the others: 71.5 % of the validation images; 1st by kNN", ""),
    ("resnet10t_wide.mix", 3, 0.63, 0.47, 0.598, 711_000, 9.25,
     "second-best linear score among the others: 63.0 % of the validation images; 2nd by kNN", ""),
    ("byobnet.mix", 4, 0.58, 0.45, 0.572, 460_000, 7.0, "", ""),
    ("resnet10t.texture", 5, 0.31, 0.22, None, 322_000, 5.25, "", ""),
    ("big.nc", None, None, None, 0.8, 86_000_000, None, "",
     "licence CC-BY-NC-4.0 is not one of Apache-2.0, MIT; 86,000,000 parameters, more than "
     "30,000,000"),
]  # fmt: skip


UNKNOWN = dict.fromkeys(["params", "reference_accuracy", *SPEED_COLUMNS], np.nan)
# Pictures a second, one at a time.
SPEEDS = {"resnet10t.mix": 32, "resnet10t.glyph": 40, "resnet10t_wide.mix": 20, "byobnet.mix": 8,
          "resnet10t.texture": 50, "big.nc": None}  # fmt: skip


def ranking(budget=3):
    """A ranking by hybrid-linear search."""
    rows = [
        {
            "model": model, "rank": rank, "picked": bool(rank and rank <= budget),
            "linear": linear, "knn": knn, "task-agnostic_rank": {1: 1, 3: 2, 4: 3}.get(rank),
            "linear_rank": {1: 3, 2: 1, 3: 2}.get(rank, rank), "knn_rank": rank,
            "hybrid-linear_rank": rank, "reference_accuracy": reference, "params": params,
            "embedding_dim": 128, "license": "CC-BY-NC-4.0" if reason else "Apache-2.0",
            "upstream_dataset": "mix", "upstream_examples": 50_000, "tags": "generalist;small",
            "milliseconds": speed and 1000 / speed, "pictures_per_second": speed and 2 * speed,
            "inference_mb": speed and params / 1e4,
            "device": speed and "one thread of the processor",
            "seconds": seconds, "why": why if rank and rank <= budget else "", "left_out": reason,
        }
        for model, rank, linear, knn, reference, params, seconds, why, reason in POOL
        for speed in [SPEEDS[model]]
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"rank": "Int64", "task-agnostic_rank": "Int64"})


def candidates(
    tuned=(138, 166, 158), frozen=(120, 110), soup=None, images=200, chosen=None, diverged=(),
    p_value=0.001, speed=None,
):  # fmt: skip
    """Candidates by how many validation images they got right.

    Parameters
    ----------
    tuned, frozen : sequence of int
        Of the models of `ranking`, in its order.
    soup : int, optional
        Of the first model's runs.
    chosen : str, optional
        The best, if not given.
    diverged : sequence of int
        Places in `tuned`.
    p_value : float or dict of str to float
        Of all but the best.
    speed : sequence of float, optional
        Milliseconds, pictures a second and MB of each.
    """
    found = [("frozen", place, right) for place, right in enumerate(frozen)]
    found += [("fine-tuned", place, right) for place, right in enumerate(tuned)]
    found += [("soup", 0, soup)] if soup else []
    rows = []
    for kind, place, right in found:
        name, ended = f"{kind}:{POOL[place][0]}", kind != "fine-tuned" or place not in diverged
        low, high = wilson(right, images, LEVEL) if ended else (None, None)
        is_tuned = kind == "fine-tuned"
        rows.append(
            {
                "candidate": name, "kind": kind, "models": POOL[place][0], "weights": "1.0",
                "members": name, "learning_rate": 0.02 if is_tuned and ended else None,
                "repeat": 0 if is_tuned and ended else None,
                "val_accuracy": right / images if ended else None, "low": low, "high": high,
                "images": images,
                "p_value": p_value if isinstance(p_value, float) else p_value.get(name, 0.001),
                "temperature": 1.25 if ended else None,
                "seconds": 20.0 * (place + 1) if is_tuned else 0.5,
                **dict(zip(SPEED, speed or [None] * 3, strict=True)),
                "diverged": not ended, "chosen": False,
            }
        )  # fmt: skip
    table = pd.DataFrame(rows).astype({"repeat": "Int64"} | dict.fromkeys(SPEED, float))
    best = table["val_accuracy"].astype(float).idxmax()
    table.loc[best, "p_value"] = None
    table.loc[table["diverged"], "p_value"] = None
    table["chosen"] = table["candidate"] == (chosen or table.loc[best, "candidate"])
    return table


def splits_of_noise(classes, counts=(40, 20, 30), size=8):
    """Images of noise; the labels go round."""
    generator = np.random.default_rng(0)
    return {
        split: (generator.integers(0, 256, (n, 3, size, size), np.uint8), np.arange(n) % classes)
        for split, n in zip(("train", "val", "test"), counts, strict=True)
    }


def predictions(labels, classes, wrong=0.3):
    """Predictions of which a share is wrong, more confident the later."""
    generator = np.random.default_rng(1)
    said = np.where(
        generator.random(len(labels)) < wrong,
        (labels + 1 + generator.integers(0, 2, len(labels))) % len(classes), labels,
    )  # fmt: skip
    return pd.DataFrame(
        {
            "path": [f"test/{classes[label][:20]}/{n:04d}.png" for n, label in enumerate(labels)],
            "label": [classes[label] for label in labels],
            "predicted": [classes[label] for label in said],
            "confidence": np.linspace(0.2, 0.999, len(labels)),
        }
    )


def probabilities(said, classes):
    """Probabilities for predictions: about their confidence, and the rest shared out evenly."""
    confidence = said["confidence"].to_numpy()[:, None].clip(0.6)  # it is the largest
    index = [classes.index(name) for name in said["predicted"]]
    hot = np.eye(len(classes))[index]
    return hot * confidence + (1 - hot) * (1 - confidence) / (len(classes) - 1)


def measures(said, splits, classes, name="fine-tuned:resnet10t.glyph"):
    """The measures of the answer: on test those of `said`, on val of perfect predictions."""
    labels = {split: splits[split][1] for split in ("val", "test")}
    on_val = np.eye(len(classes))[labels["val"]]
    said = {("val", name): on_val, ("test", name): probabilities(said, classes)}
    return measured(said, labels, classes, LEVEL, 7)


PROBLEMS = [
    ("", "2,400 pictures: 800 for train, 200 for val and 480 for test were drawn", "subsampled"),
    ("cat/17.jpg", "cannot be decoded: truncated", "skipped"),
    ("dog/<i>4</i>.jpg", "same content as cat/1.jpg", "removed"),
    ("dog/5.jpg", "same content as cat/2.jpg", "removed"),
]


def class_counts(classes, splits):
    """What became of the pictures of each class: two were left out."""
    rows = [{"class": label, "found": 2, "removed": 1, "skipped": 1} for label in classes]
    for split, (_, labels) in splits.items():
        for number, row in enumerate(rows):
            row[split] = int((labels == number).sum())
            row["found"] += row[split]
    columns = ["class", "found", "train", "val", "test", "removed", "skipped"]
    return pd.DataFrame(rows, columns=columns)


def embedded_classes():
    """Of embeddings, which are not tested on: one class, and one copy in it."""
    counts = {"class": "01", "found": 7, "train": 4, "val": 2, "test": None}
    return pd.DataFrame([counts | {"removed": 1, "skipped": 0}])


def write_files(folder, classes, splits=None, tried=None, ranked=None, said=None, problems=None):
    """Write what the report reads.

    Returns
    -------
    dict of str to Path
    """
    names = ("ranking.csv", "candidates.csv", "predictions.csv", "measures.csv", "reliability.csv",
             "problems.csv", "classes.csv", "task.safetensors")  # fmt: skip
    paths = {Path(name).stem: Path(folder) / name for name in names}
    splits = splits_of_noise(len(classes)) if splits is None else splits
    problems = PROBLEMS if problems is None else problems
    size = splits["test"][0].shape[-1]
    card = {"name": "data", "label": "birds", "group": "", "source": "mydata", "classes": classes}
    write_task(paths["task"], splits, card, size)
    write_table(paths["ranking"], ranking() if ranked is None else ranked)
    tried = candidates() if tried is None else tried
    write_table(paths["candidates"], tried)
    said = predictions(splits["test"][1], classes) if said is None else said
    write_table(paths["predictions"], said)
    (name,) = tried.loc[tried["chosen"], "candidate"]
    write_table(paths["measures"], measures(said, splits, classes, name))
    sure = probabilities(said, classes)
    labels = splits["test"][1]
    write_table(paths["reliability"], reliability(labels, sure, calibrated(sure, 1.25)))
    columns = ["path", "problem", "action"]
    write_table(paths["problems"], pd.DataFrame(problems, columns=columns))
    write_table(paths["classes"], class_counts(classes, splits))
    return paths


README = """# A model

```python
import timm

model = timm.create_model("local-dir:results/birds/recommendation/best", pretrained=True).eval()
preprocess = timm.data.create_transform(**timm.data.resolve_model_data_config(model))
```

```python
another_block()
```
"""


def arguments(paths, folder, strategy="hybrid-linear", budget=3):
    """The command line of recommend.py."""
    (Path(folder) / "README.md").write_text(README)
    (Path(folder) / "choice.json").write_text(Choice(strategy).text())
    options = {f"--{name}": path for name, path in paths.items()} | {
        "--configuration": json.dumps(CONFIGURATION),
        "--protocol": json.dumps(PROTOCOL),
        "--sides": "{}",
        "--label": "birds",
        "--choice": Path(folder) / "choice.json",
        "--budget": budget,
        "--level": LEVEL,
        "--report": Path(folder) / "out/report.html",
        "--summary": Path(folder) / "out/summary.txt",
        "--configuration-file": Path(folder) / "out/config.yaml",
    }
    if "task" in paths:
        options["--readme"] = Path(folder) / "README.md"
    program = ROOT / "workflow/scripts/recommend.py"
    return [sys.executable, program, *(str(part) for pair in options.items() for part in pair)]
