"""How often a model is right where it is how sure: before and after its calibration."""

import numpy as np
import pandas as pd

from needle.base.measures import BINS


def reliability(labels, before, after):
    """Sort examples into bins of confidence, and say how many of each were right.

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (N,)
    before, after : numpy.ndarray of float64, shape (N, C)
        Probabilities as the model gives them, and calibrated.

    Returns
    -------
    DataFrame
        Columns of recommendation/reliability.csv: calibrated, low, high (confidences above low and
        up to high), images, confidence and accuracy (their means). Bins of equal width, those of
        `measures`' calibration error; none without images.
    """
    return pd.concat(
        [_bins(labels, said).assign(calibrated=done) for done, said in ((False, before),
                                                                        (True, after))]
    )[["calibrated", "low", "high", "images", "confidence", "accuracy"]]  # fmt: skip


def _bins(labels, probabilities):
    confidence = probabilities.max(axis=1)
    number = np.ceil(confidence * BINS).astype(int).clip(1, BINS)
    examples = pd.DataFrame(
        {
            "number": number,
            "confidence": confidence,
            "accuracy": probabilities.argmax(axis=1) == labels,
        }
    )
    bins = examples.groupby("number")
    table = bins.mean().assign(images=bins.size()).reset_index()
    return table.assign(low=(table["number"] - 1) / BINS, high=table["number"] / BINS)
