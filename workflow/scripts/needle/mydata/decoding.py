"""Decode pictures once, into a file that is mapped to memory."""

import math
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from needle.mydata.pictures import UnreadablePictureError, decode_picture
from needle.mydata.problems import Problem


@dataclass(frozen=True)
class Decoded:
    """Pictures that were decoded.

    Attributes
    ----------
    pixels : numpy.memmap of uint8, shape (N, size, size, 3)
    places : list of list of (Candidate, int)
        By group, in its order: the candidates that can be read, and where in `pixels` they are.
    unreadable : list of Problem
    tried : int
        Number of pictures that were opened.
    """

    pixels: np.memmap
    places: list
    unreadable: list
    tried: int


def decode_groups(root, groups, size, most_unreadable, threads=1, scratch=None):
    """Decode as many pictures of each group as it wants, the next where one is unreadable.

    Parameters
    ----------
    root : pathlib.Path
    groups : list of Group
    size : int
        Height and width in pixels.
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
    pixels = _scratch_array((sum(wanted), size, size, 3), scratch)
    free = list(range(sum(wanted)))[::-1]
    places, unreadable = [[] for _ in groups], []
    waiting = [iter(group.candidates) for group in groups]
    tried = 0

    def decode(job):
        _, candidate, place = job
        try:
            pixels[place] = decode_picture(root / candidate.path, size)
        except UnreadablePictureError as error:
            return str(error)
        return ""

    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(total=sum(wanted), desc="decode pictures", mininterval=10) as progress,
    ):
        while not is_too_many(len(unreadable), tried, most_unreadable):
            # What is opened must not depend on which thread is the first.
            jobs = [
                (group, candidate, free.pop())
                for group, goal in enumerate(wanted)
                for candidate in islice(waiting[group], goal - len(places[group]))
            ]
            if not jobs:
                break
            tried += len(jobs)
            for (group, candidate, place), reason in zip(jobs, pool.map(decode, jobs), strict=True):
                if reason:
                    unreadable.append(Problem(candidate.path, reason, "skipped"))
                    free.append(place)
                else:
                    places[group].append((candidate, place))
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


def _scratch_array(shape, folder):
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        # A full disk is an error here; in a file with holes it would kill the process later.
        for _ in range(shape[0]):
            file.write(bytes(math.prod(shape[1:])))
        file.flush()
        return np.memmap(file, np.uint8, "r+", shape=shape)
