"""What models predict: by class, by name, and of which files."""

import numpy as np
import pandas as pd

from needle.base.errors import NeedleError
from needle.machine.device import float64
from needle.models.backbones import forward_all
from needle.models.views import view_of
from needle.tasks.task_file import SPLITS


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
