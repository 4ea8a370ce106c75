"""Where a model errs on the test images: by pair of classes, and by class."""

import numpy as np
import pandas as pd

LIGHTEST = 0.08  # shade of a cell with any image
DARK = 0.92  # shade of blue from which white is easier to read than black


def confusion(predictions, classes):
    """Count the test images of every label and prediction.

    Parameters
    ----------
    predictions : DataFrame
        Columns of predictions.csv.
    classes : list of str
        All of the task, in its order.

    Returns
    -------
    numpy.ndarray of int, shape (C, C)
        Rows are labels, columns predictions.

    Examples
    --------
    >>> predictions = pd.DataFrame({"label": ["a", "a", "b"], "predicted": ["a", "b", "b"]})
    >>> confusion(predictions, ["a", "b"]).tolist()
    [[1, 1], [0, 1]]
    """
    counts = np.zeros((len(classes), len(classes)), int)
    places = pd.Index(classes)
    rows, columns = (places.get_indexer(predictions[name]) for name in ("label", "predicted"))
    np.add.at(counts, (rows, columns), 1)
    return counts


def common_mistakes(counts, classes, most):
    """List the commonest confusions.

    Parameters
    ----------
    counts : numpy.ndarray, shape (C, C)
        As `confusion` gives it.
    classes : list of str
    most : int

    Returns
    -------
    DataFrame
        Columns label, predicted, images, share (of the label's images); most images first, ties in
        the order of the classes.
    """
    wrong = counts * ~np.eye(len(classes), dtype=bool)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    rows, columns = np.unravel_index(order[wrong.ravel()[order] > 0], wrong.shape)
    return pd.DataFrame(
        {
            "label": [classes[row] for row in rows],
            "predicted": [classes[column] for column in columns],
            "images": wrong[rows, columns],
            "share": wrong[rows, columns] / counts.sum(axis=1)[rows],
        }
    )


def class_accuracies(counts, classes):
    """Compute the accuracy of every class that has test images, the worst first.

    Parameters
    ----------
    counts : numpy.ndarray, shape (C, C)
        As `confusion` gives it.
    classes : list of str

    Returns
    -------
    DataFrame
        Columns label, images, correct, accuracy; ties in the order of the classes.
    """
    table = pd.DataFrame(
        {"label": classes, "images": counts.sum(axis=1), "correct": counts.diagonal()}
    )
    table = table[table["images"] > 0]
    table = table.assign(accuracy=table["correct"] / table["images"])
    return table.sort_values("accuracy", kind="stable", ignore_index=True)


def matrix_rows(counts, classes):
    """Lay out the confusion matrix for a page, each cell with its shade.

    Parameters
    ----------
    counts : numpy.ndarray, shape (C, C)
        As `confusion` gives it.
    classes : list of str

    Returns
    -------
    list of dict
        For each class ``label`` and ``cells``, which are dicts of ``images``, ``shade`` (the share
        of the row, from `LIGHTEST` to 1) and ``look`` (``"right"`` or ``"error"``, and ``"dark"``).

    Examples
    --------
    >>> matrix_rows(np.array([[4, 0], [1, 1]]), ["a", "b"])[0]["cells"][0]
    {'images': 4, 'shade': 1.0, 'look': 'right dark'}
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shades = np.round(LIGHTEST + (1 - LIGHTEST) * shares, 2)
    return [
        {
            "label": label,
            "cells": [
                _cell(int(images), float(shade), "right" if row == column else "error")
                for column, (images, shade) in enumerate(zip(counts[row], shades[row], strict=True))
            ],
        }
        for row, label in enumerate(classes)
    ]


def _cell(images, shade, look):
    dark = " dark" if look == "right" and shade > DARK else ""
    return {"images": images, "shade": shade, "look": look + dark}
