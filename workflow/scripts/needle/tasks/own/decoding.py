"""Decode pictures once, into a file from which they are read by their place."""

import math
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from needle.tasks.own.pictures import UnreadablePictureError, decode_picture
from needle.tasks.own.problems import Problem


class Scratch:
    """Decoded pictures in a file without a name, which is gone when nothing refers to it.

    Parameters
    ----------
    folder : path or None
        With room for it; made if need be.
    """

    def __init__(self, folder):
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed with this)
        self._places = []

    def append(self, picture):
        """Write a picture, uint8 (H, W, 3), and give its place."""
        self._places.append((self._file.tell(), picture.shape))
        self._file.write(np.ascontiguousarray(picture))
        return len(self._places) - 1

    def __getitem__(self, place):
        """Read the picture at a place."""
        offset, shape = self._places[place]
        self._file.flush()
        pixels = os.pread(self._file.fileno(), math.prod(shape), offset)
        return np.frombuffer(pixels, np.uint8).reshape(shape)


@dataclass(frozen=True)
class Decoded:
    """Pictures that were decoded.

    Attributes
    ----------
    pixels : Scratch
        Gives a picture, uint8 of shape (H, W, 3), by its place.
    places : list of list of (Candidate, int)
        By group, in its order: the candidates that can be read, and where in `pixels` they are.
    unreadable : list of Problem
    tried : int
        Number of pictures that were opened.
    """

    pixels: Scratch
    places: list
    unreadable: list
    tried: int


def decode_groups(root, groups, resize, most_unreadable, threads=1, scratch=None):
    """Decode as many pictures of each group as it wants, the next where one is unreadable.

    Parameters
    ----------
    root : pathlib.Path
    groups : list of Group
    resize : callable
        What `decode_picture` does to each.
    most_unreadable : float
        Share of the pictures that were opened; above it no more are.
    threads : int, optional
    scratch : path, optional
        Folder of the file, which has no name and is gone when nothing refers to it.

    Returns
    -------
    Decoded
    """
    wanted = [group.size for group in groups]
    pixels = Scratch(scratch)
    places, unreadable = [[] for _ in groups], []
    waiting = [iter(group.candidates) for group in groups]
    tried = 0

    def decode(job):
        _, candidate = job
        try:
            return decode_picture(root / candidate.path, resize)
        except UnreadablePictureError as error:
            return str(error)

    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(total=sum(wanted), desc="decode pictures", mininterval=10) as progress,
    ):
        while not is_too_many(len(unreadable), tried, most_unreadable):
            # What is opened must not depend on which thread is the first.
            jobs = [
                (group, candidate)
                for group, goal in enumerate(wanted)
                for candidate in islice(waiting[group], goal - len(places[group]))
            ]
            if not jobs:
                break
            tried += len(jobs)
            for (group, candidate), found in zip(jobs, pool.map(decode, jobs), strict=True):
                if isinstance(found, str):
                    unreadable.append(Problem(candidate.path, found, "skipped"))
                else:
                    places[group].append((candidate, pixels.append(found)))
                    progress.update()
    return Decoded(pixels, places, sorted(unreadable, key=lambda p: p.path), tried)


def is_too_many(unreadable, tried, most):
    """Tell whether more pictures are broken than may be; one may always be.

    Examples
    --------
    >>> is_too_many(1, 2, 0.05), is_too_many(5, 100, 0.05), is_too_many(6, 100, 0.05)
    (False, False, True)
    """
    return unreadable > max(1, most * tried)
