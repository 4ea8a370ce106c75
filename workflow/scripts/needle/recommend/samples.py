"""Some test images with what the model says of them."""

import io

import numpy as np
from PIL import Image

from needle.base.seeds import generator
from needle.pages.template import data_uri

MISTAKES, ALL = 12, 24  # images
LARGEST = 224  # pixels; larger ones are shown smaller


def choose_samples(predictions, seed):
    """Choose the test images to show.

    Parameters
    ----------
    predictions : DataFrame
        Columns of predictions.csv, index 0 to N - 1.
    seed : int
        The run's master seed.

    Returns
    -------
    tuple of list of int
        Positions of the most confident mistakes, at most `MISTAKES`, and of a random draw from all
        other images, so that both together are at most `ALL`.
    """
    wrong = predictions[predictions["label"] != predictions["predicted"]]
    mistakes = wrong["confidence"].sort_values(ascending=False, kind="stable").index[:MISTAKES]
    others = predictions.index.difference(mistakes).to_numpy()
    number = min(ALL - len(mistakes), len(others))
    drawn = generator(seed, "report samples").choice(others, number, replace=False)
    return mistakes.tolist(), drawn.tolist()


def image_uris(task, positions):
    """Read test images of a task file as data URIs.

    Parameters
    ----------
    task : Task
    positions : list of int

    Returns
    -------
    list of str
        PNG images, each at most `LARGEST` pixels high and wide.
    """
    return [
        data_uri("image/png", _png(task.picture("test", int(position)))) for position in positions
    ]


def _png(pixels):
    """Encode an image uint8 (H, W, 3)."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((LARGEST, LARGEST))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
