"""The downstream tasks: what is known about each, and its train, validation and test pictures."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from needle.base.seeds import generator
from needle.tasks.mini import natural, specialized, structured
from needle.tasks.mini.canvas import to_uint8


@dataclass(frozen=True)
class RenderedTask:
    """A downstream classification task.

    Attributes
    ----------
    group : str
        ``"natural"``, ``"specialized"`` or ``"structured"``.
    classes : tuple of str
        Human-readable name of each label.
    description : str
        What the label is, in one sentence.
    draw : callable
        Function of a generator, a split and a count that returns float images (N, 32, 32, 3)
        and labels (N,).
    test_count : int
        Number of test pictures.
    """

    group: str
    classes: tuple[str, ...]
    description: str
    draw: Callable[[np.random.Generator, str, int], tuple[np.ndarray, np.ndarray]]
    test_count: int = 2000


TASKS = {
    "digits": RenderedTask(
        "natural",
        natural.DIGITS,
        "Which handwritten digit is in the middle, next to a part of another one.",
        natural.draw_digits,
        test_count=797,
    ),
    "symbols": RenderedTask(
        "natural",
        natural.SYMBOLS,
        "Which Greek letter is shown.",
        natural.draw_symbols,
    ),
    "scenes": RenderedTask(
        "natural",
        natural.SCENES,
        "Which photograph, or which half of it, the crop is from.",
        natural.draw_scenes,
    ),
    "ihc": RenderedTask(
        "specialized",
        specialized.STAIN,
        "How much of the middle of a patch of tissue has the brown stain (DAB), in quartiles.",
        specialized.draw_ihc,
    ),
    "retina": RenderedTask(
        "specialized",
        specialized.VESSELS,
        "How much of a patch of the back of the eye is blood vessels, in quintiles.",
        specialized.draw_retina,
    ),
    "dspr_loc": RenderedTask(
        "structured",
        structured.LOCATIONS,
        "How far from the left edge the centre of a sprite is, in 16 bins.",
        structured.draw_locations,
    ),
    "dspr_ori": RenderedTask(
        "structured",
        structured.ORIENTATIONS,
        "In which direction the long axis of a sprite points (clockwise from the horizontal),"
        " in 16 bins of half a turn.",
        structured.draw_orientations,
    ),
    "count": RenderedTask(
        "structured",
        structured.COUNTS,
        "How many objects are on the floor.",
        structured.draw_counts,
    ),
    "distance": RenderedTask(
        "structured",
        structured.DISTANCES,
        "How far away the point in the middle is, in quartiles of stereo disparity.",
        structured.draw_distances,
    ),
}
"""Every downstream task by name."""


def render_task(name, seed):
    """Draw the train, validation and test pictures of a downstream task.

    Parameters
    ----------
    name : str
        One of :data:`TASKS`.
    seed : int
        The same name and seed give the same bytes.

    Returns
    -------
    dict of str to tuple of numpy.ndarray
        For ``"train"`` (800), ``"val"`` (200) and ``"test"`` (2000, but 797 for digits) the images
        (uint8, shape (N, 3, 32, 32)) and the labels (int64 in [0, number of classes), shape
        (N,)). No digit and no pixel of a photograph is shown in two of the three.

    Raises
    ------
    ValueError
        If the task is unknown.

    Examples
    --------
    >>> images, labels = render_task("count", seed=0)["val"]
    >>> images.shape, labels.shape
    ((200, 3, 32, 32), (200,))
    """
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}; known: {', '.join(TASKS)}")
    task = TASKS[name]
    splits = {}
    for split, count in (("train", 800), ("val", 200), ("test", task.test_count)):
        images, labels = task.draw(generator(seed, "task", name, split), split, count)
        splits[split] = to_uint8(images), labels.astype(np.int64)
    return splits
