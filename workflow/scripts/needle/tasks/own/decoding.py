"""Decode pictures once, into a file from which they are read by their place."""

import hashlib
import math
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from needle.tasks.own.duplicates import Pixels
from needle.tasks.own.near_copies import thumbnail
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
    thumbnails : list of numpy.ndarray
        By place: see `near_copies.thumbnail`.
    unused : list of Problem
        Those that cannot be read, and those with the pixels of another.
    tried : int
        Number of pictures that were opened.
    """

    pixels: Scratch
    places: list
    thumbnails: list
    unused: list
    tried: int


def decode_groups(root, groups, resize, most_unused, threads=1, scratch=None):
    """Decode as many pictures of each group as it wants, the next where one cannot be used.

    Of pictures that are the same to every model, byte for byte once decoded, those are used that
    `duplicates.without_copies` would keep, the first in this order.

    Parameters
    ----------
    root : pathlib.Path
    groups : list of Group
    resize : callable
        What `decode_picture` does to each.
    most_unused : float
        Share of the pictures that were opened; above it no more are.
    threads : int, optional
    scratch : path, optional
        Folder of the file, which has no name and is gone when nothing refers to it.

    Returns
    -------
    Decoded
    """
    wanted = [group.size for group in groups]
    pixels, in_use = Scratch(scratch), Pixels([c for group in groups for c in group.candidates])
    places, thumbnails, unused = [[] for _ in groups], [], []
    waiting = [iter(group.candidates) for group in groups]
    tried = 0

    def decode(job):
        _, candidate = job
        try:
            picture = decode_picture(root / candidate.path, resize)
        except UnreadablePictureError as error:
            return str(error)
        return picture, _digest(picture), thumbnail(picture)

    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(total=sum(wanted), desc="decode pictures", mininterval=10) as progress,
    ):
        while not is_too_many(len(unused), tried, most_unused):
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
                    unused.append(Problem(candidate.path, found, "skipped"))
                    continue
                picture, digest, small = found
                copies = in_use.add(candidate, digest)
                unused += [Problem(c.path, copies[c], "removed") for c in copies]
                if candidate not in copies:
                    places[group].append((candidate, pixels.append(picture)))
                    thumbnails.append(small)
                    progress.update()
                elif len(copies) > 1:
                    places = [[item for item in part if item[0] not in copies] for part in places]
    return Decoded(pixels, places, thumbnails, sorted(unused, key=lambda p: p.path), tried)


def _digest(picture):
    """Hash a picture: its shape and pixels."""
    pixels = np.ascontiguousarray(picture)
    return hashlib.blake2b(repr(pixels.shape).encode() + pixels.tobytes(), digest_size=16).digest()


def is_too_many(unused, tried, most):
    """Tell whether more pictures are not used than may be; one may always be.

    Examples
    --------
    >>> is_too_many(1, 2, 0.05), is_too_many(5, 100, 0.05), is_too_many(6, 100, 0.05)
    (False, False, True)
    """
    return unused > max(1, most * tried)
