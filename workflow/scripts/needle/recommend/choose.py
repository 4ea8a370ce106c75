"""Choosing the best of the fine-tuned picks on val, and what it predicts on test."""

import numpy as np
import pandas as pd

from needle.base.errors import NeedleError
from needle.base.measures import goodness, measure
from needle.base.seeds import generator
from needle.machine.device import float64
from needle.models.backbones import forward_all
from needle.models.views import view_of
from needle.recommend.intervals import interval_of
from needle.recommend.paired import paired_test
from needle.tasks.task_file import SPLITS


def pick_results(runs, ranks, labels, probabilities, metric, level, seed, groups=None):
    """Sum up the fine-tuning of each pick by its best run on val, and choose the best pick.

    Parameters
    ----------
    runs : dict of str to DataFrame
        By model: repeat, learning_rate, val_{metric} (missing if it diverged), diverged, seconds;
        one row per run.
    ranks : dict of str to int
        Rank of each model; picks that are level are decided by it.
    labels : numpy.ndarray of int, shape (N,)
        Of the validation examples.
    probabilities : dict of str to numpy.ndarray of float64, shape (N, C)
        That the best run of each model gives them; none for a model whose runs all diverged.
    metric : str
        Of `measures.MEASURES`: what decides.
    level : float
        Of the intervals.
    seed : int
        The run's master seed.
    groups : numpy.ndarray of int, shape (N,), optional
        Of the validation examples, see `interval_of`.

    Returns
    -------
    DataFrame
        One row per pick, by rank: rank, model, learning_rate, repeat, val_{metric}, low, high,
        images (how many they are), p_value (of the same val examples by this pick and the chosen
        one, see `paired_test`), diverged, seconds, chosen. Of runs that are level the first counts;
        a pick whose runs all diverged has no run; seconds are those of all its runs.

    Raises
    ------
    NeedleError
        If every run of every pick diverged.
    """
    order = sorted(runs, key=ranks.get)
    if not probabilities:
        raise NeedleError(
            f"every fine-tuning run of {', '.join(order)} diverged; lower "
            "finetune: learning_rates in the config, or set finetune: gradient_clip"
        )
    column = f"val_{metric}"
    found = {model: measure(metric, labels, probabilities[model]) for model in order
             if model in probabilities}  # fmt: skip
    # Of those that are level, the first has the better rank.
    chosen = max(found, key=lambda model: goodness(metric, found[model]))
    rows = []
    for model in order:
        row = {"rank": ranks[model], "model": model} | _best_run(runs[model], column, metric)
        row |= dict.fromkeys([column, "low", "high"]) | {"images": len(labels), "p_value": None}
        if model in found:
            said, draws = probabilities[model], generator(seed, "measures", model, "val", metric)
            row["low"], row["high"] = interval_of(metric, labels, said, level, draws, groups)
            row[column] = found[model]
            if model != chosen:
                draws = generator(seed, "paired test", chosen, model, metric)
                best = probabilities[chosen]
                row["p_value"] = paired_test(metric, labels, best, said, draws, groups)
        row |= {"diverged": model not in found, "seconds": runs[model]["seconds"].sum()}
        rows.append(row | {"chosen": model == chosen})
    return pd.DataFrame(rows).astype({"rank": int, "repeat": "Int64"})


def _best_run(runs, column, metric):
    """Describe the best run of one model."""
    finished = runs[~runs["diverged"]]
    if finished.empty:
        return {"learning_rate": None, "repeat": None}
    # After folds there is one run, on a val that may lack a class.
    best = finished.loc[goodness(metric, finished[column]).fillna(-np.inf).idxmax()]
    return best[["learning_rate", "repeat"]].to_dict()


def predict(model, card, task, split, batch_size, device="cpu"):
    """Predict a split, read some images at a time.

    Parameters
    ----------
    model : torch.nn.Module
        With a head; it is moved to the device.
    card : dict
        Its card, for how it takes images and their normalisation.
    task : Task
    split : {"val", "test"}
    batch_size : int
    device : torch.device or str

    Returns
    -------
    numpy.ndarray of float64, shape (N, C)
        Softmax probabilities, in the order of the split.

    Raises
    ------
    NeedleError
        If a logit is not finite: there is no prediction then.
    """
    model.to(device)
    view, parts = view_of(task, card), []
    for images, _ in task.chunks(split, batch_size):
        # It will be used in float32, whatever it was trained in.
        logits = float64(forward_all(model, view(images, device), card, batch_size))
        if not logits.isfinite().all():
            raise NeedleError(
                f"model {card['name']}: NaN or infinite logits on {split} images; lower "
                "finetune: learning_rates in the config, or set finetune: gradient_clip"
            )
        parts.append(logits.softmax(dim=1).cpu().numpy())
    return np.concatenate(parts)


def named(probabilities, labels, classes):
    """Name what is predicted.

    Parameters
    ----------
    probabilities : numpy.ndarray, shape (N, C)
    labels : numpy.ndarray of int, shape (N,)
    classes : list of str

    Returns
    -------
    DataFrame
        One row per example: label and predicted, names of classes, and confidence, the probability
        of the predicted class.
    """
    names = np.array(classes, dtype=object)
    return pd.DataFrame(
        {
            "label": names[labels],
            "predicted": names[probabilities.argmax(axis=1)],
            "confidence": probabilities.max(axis=1),
        }
    )


def example_groups(examples, judged=None):
    """Number the groups of val and of test.

    Parameters
    ----------
    examples : path
        Table of split, path, label and perhaps group of all examples of the task file.
    judged : numpy.ndarray of int, optional
        Which of train and then val count as val; those of val if not given.

    Returns
    -------
    dict of str to numpy.ndarray of int, shape (N,)
        By split, from 0; an example without a group is one by itself. Empty without groups.
    """
    table = pd.read_csv(examples, dtype=str, keep_default_na=False)
    if "group" not in table:
        return {}
    alone = table["group"] == ""
    names = [*zip(table["group"], table.index.where(alone, -1), strict=True)]
    rows = {split: np.flatnonzero(table["split"] == split) for split in SPLITS}
    if judged is not None:
        rows["val"] = np.concatenate([rows["train"], rows["val"]])[judged]
    parts = {split: [names[row] for row in rows[split]] for split in ("val", "test")}
    return {split: pd.factorize(pd.Series(part))[0] for split, part in parts.items()}


def with_paths(predictions, examples):
    """Say of which file each prediction is.

    Parameters
    ----------
    predictions : DataFrame
        As `named` gives it.
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
