"""Choosing the best of the fine-tuned picks on val, and what it predicts on test."""

import numpy as np
import pandas as pd

from needle.base.errors import NeedleError
from needle.machine.device import float64
from needle.models.backbones import forward_all
from needle.models.views import view_of
from needle.recommend.intervals import wilson


def pick_results(runs, ranks, val_count, level):
    """Sum up the fine-tuning of each pick by its best run on val, and choose the best pick.

    Parameters
    ----------
    runs : dict of str to DataFrame
        By model: repeat, learning_rate, val_accuracy (missing if it diverged), diverged, seconds;
        one row per run.
    ranks : dict of str to int
        Rank of each model; equal val accuracies are decided by it.
    val_count : int
        Number of validation examples.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        One row per pick, by rank: rank, model, learning_rate, repeat, val_accuracy, low, high,
        diverged, seconds, chosen. Of runs that are level the first counts; a pick whose runs all
        diverged has no run; seconds are those of all its runs.

    Raises
    ------
    NeedleError
        If every run of every pick diverged.
    """
    rows = [
        {"rank": ranks[model], "model": model} | _best_run(runs[model], val_count, level)
        for model in sorted(runs, key=ranks.get)
    ]
    table = pd.DataFrame(rows).astype({"rank": int, "repeat": "Int64"})
    if table["diverged"].all():
        raise NeedleError(
            f"every fine-tuning run of {', '.join(table['model'])} diverged; lower "
            "finetune: learning_rates in the config, or set finetune: gradient_clip"
        )
    # Of those that are level, the first has the better rank.
    return table.assign(chosen=table.index == table["val_accuracy"].idxmax())


def _best_run(runs, val_count, level):
    """Describe the best run of one model."""
    seconds = runs["seconds"].sum()
    finished = runs[~runs["diverged"]]
    if finished.empty:
        nothing = dict.fromkeys(["learning_rate", "repeat", "val_accuracy", "low", "high"])
        return nothing | {"diverged": True, "seconds": seconds}
    best = finished.loc[finished["val_accuracy"].idxmax()]
    low, high = wilson(round(best["val_accuracy"] * val_count), val_count, level)
    found = best[["learning_rate", "repeat", "val_accuracy"]].to_dict()
    return found | {"low": low, "high": high, "diverged": False, "seconds": seconds}


def predict(model, card, task, batch_size, device="cpu"):
    """Predict the test set, read some images at a time.

    Parameters
    ----------
    model : torch.nn.Module
        With a head; it is moved to the device.
    card : dict
        Its card, for how it takes images and their normalisation.
    task : Task
    batch_size : int
    device : torch.device or str

    Returns
    -------
    DataFrame
        One row per example: label and predicted, names of classes, and confidence, the softmax
        probability of the predicted class.

    Raises
    ------
    NeedleError
        If a logit is not finite: there is no prediction then.
    """
    model.to(device)
    names = np.array(task.card["classes"], dtype=object)
    view, parts = view_of(task, card), []
    for images, labels in task.chunks("test", batch_size):
        # It will be used in float32, whatever it was trained in.
        logits = float64(forward_all(model, view(images, device), card, batch_size))
        if not logits.isfinite().all():
            raise NeedleError(
                f"model {card['name']}: NaN or infinite logits on test images; lower "
                "finetune: learning_rates in the config, or set finetune: gradient_clip"
            )
        confidence, predicted = (t.cpu().numpy() for t in logits.softmax(dim=1).max(dim=1))
        columns = {"label": names[labels], "predicted": names[predicted], "confidence": confidence}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def with_paths(predictions, examples):
    """Say of which file each prediction is.

    Parameters
    ----------
    predictions : DataFrame
        As `predict` gives it.
    examples : path
        Table of split, path and label of all examples of the task file, in their order.

    Returns
    -------
    DataFrame
        The predictions with a column path in front.

    Raises
    ------
    NeedleError
        If the table is not of this task file.
    """
    table = pd.read_csv(examples, dtype=str, keep_default_na=False)
    test = table[table["split"] == "test"].reset_index(drop=True)
    if test["label"].tolist() != predictions["label"].tolist():
        raise NeedleError(
            f"{examples}: its test examples are not those of the task file; delete both and run "
            "again"
        )
    return pd.concat([test["path"], predictions], axis=1)
