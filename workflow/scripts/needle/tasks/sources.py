"""The three sources of a real task; each gives the same splits of examples and a card."""

import sys

from needle.base.errors import NeedleError
from needle.tasks.own.pictures import Square
from needle.tasks.own.prepare import prepare
from needle.tasks.vtab1k import folder
from needle.tasks.vtab1k.registry import raw_classes, read_raw


def read_task(card, source, root, seed, size, scratch=None):
    """Read a task from one of its sources.

    Parameters
    ----------
    card : dict
        The task card.
    source : {"raw", "vtab1k_folder", "imagefolder"}
    root : path
        Folder of all original data sets, the community's folder, or one of image folders.
    seed : int
        Of the splits of an image folder.
    size : int
        Height and width in pixels that the pictures of an image folder are brought to.
    scratch : path, optional
        Folder with room for these.

    Returns
    -------
    tuple of dict
        `Examples` by split, and the card with ``source``, ``classes`` (their names) and what is
        to be known of the images.

    Raises
    ------
    NeedleError
        If the source has another number of classes than the card says.
    """
    name, notes = card["name"], {}
    if source == "raw":
        splits, classes = read_raw(name, root), raw_classes(name)
    elif source == "vtab1k_folder":
        first, *aliases = card["vtab1k_folder"]
        splits = folder.read(root, first, aliases, card["classes"])
        classes = [str(label) for label in range(card["classes"])]
        notes = {"note": folder.NOTE}
    else:
        square = Square(size)
        data = prepare(root, seed, square, scratch=scratch)
        splits, classes, notes = data.splits, data.classes, square.about()
        for problem in data.problems:
            print(f"{problem.path or root}: {problem.problem} ({problem.action})", file=sys.stderr)
    if len(classes) != card.get("classes", len(classes)):
        raise NeedleError(
            f"task {name}: source {source} has {len(classes)} classes, the card says "
            f"{card['classes']}; correct the card or the source"
        )
    about = {key: card[key] for key in ("name", "label", "group", "keep") if key in card}
    return splits, about | {"source": source, "classes": list(classes)} | notes
