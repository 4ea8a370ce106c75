"""All measures of what models say of val and test, each with its interval, or why it has none."""

import numpy as np
import pandas as pd

from needle.base.errors import NeedleError
from needle.base.formats import interval, measured_value
from needle.base.measures import MEASURES, measure, undefined
from needle.base.seeds import generator
from needle.recommend.intervals import interval_of


def check_metric(metric, classes, folds=()):
    """Check that val, or folds of train and val, can decide by a measure.

    Parameters
    ----------
    metric : str
        Of `MEASURES`.
    classes : DataFrame
        Columns of data/classes.csv.
    folds : list of numpy.ndarray of bool, optional
        What is val, of train and then val, if folds decide: each sorted by class.

    Raises
    ------
    NeedleError
        If the measure needs an example of each class, and val or the folds lack one.
    """
    parts = ["train", "val"] if folds else ["val"]
    labels = np.concatenate([np.repeat(np.arange(len(classes)), classes[part]) for part in parts])
    where = "folds" if folds else "val"
    if folds:
        labels = labels[np.any(folds, axis=0)]
    if reason := undefined(metric, labels, classes["class"].tolist(), f"image in {where}"):
        raise NeedleError(
            f"config: metric: {MEASURES[metric].label} is undefined on {where}, since {reason}; "
            "add some, or take accuracy or log_loss"
        )


def measured(said, labels, classes, level, seed, groups=None):
    """Measure what models say.

    Parameters
    ----------
    said : dict of (str, str) to numpy.ndarray of float64, shape (N, C)
        Probabilities by split and candidate.
    labels : dict of str to numpy.ndarray of int, shape (N,)
        By split.
    classes : list of str
    level : float
        Of the intervals.
    seed : int
        The run's master seed.
    groups : dict of str to numpy.ndarray of int, shape (N,), optional
        By split, see `interval_of`.

    Returns
    -------
    DataFrame
        Columns of recommendation/measures.csv: split, candidate, measure, value, low, high, reason.
        A measure that is undefined has no value, and the reason.
    """
    rows = []
    for (split, candidate), probabilities in said.items():
        for name in MEASURES:
            row = {"split": split, "candidate": candidate, "measure": name}
            reason = undefined(name, labels[split], classes, f"{split} image")
            value = low = high = None
            if not reason:
                value = measure(name, labels[split], probabilities)
                draws = generator(seed, "measures", candidate, split, name)
                about = labels[split], probabilities, level, draws, (groups or {}).get(split)
                low, high = interval_of(name, *about)
            rows.append(row | {"value": value, "low": low, "high": high, "reason": reason})
    columns = ["split", "candidate", "measure", "value", "low", "high", "reason"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype(dict.fromkeys(["value", "low", "high"], float))


def in_words(row):
    r"""Write a measure with its interval, or why it has no value.

    Parameters
    ----------
    row : dict
        Of measures.csv.

    Returns
    -------
    tuple of str
        Its label, its value with the interval in parentheses.

    Examples
    --------
    >>> row = {"measure": "log_loss", "value": 0.5, "low": 0.25, "high": 1.0, "reason": ""}
    >>> [text.replace("\xa0", " ") for text in in_words(row)]
    ['log loss', '0.500 (0.250 to 1.000)']
    """
    name = row["measure"]
    label = MEASURES[name].label
    if row["reason"]:
        return label, f"– ({row['reason']})"
    ends = interval(row["low"], row["high"], MEASURES[name].share)
    return label, f"{measured_value(name, row['value'])} ({ends})"
