"""Pictures that are nearly the same, such as frames of a video, in two splits.

A picture is compared by its thumbnail, as in Torralba, Fergus and Freeman 2008, "80 Million Tiny
Images", section III: the correlation of two thumbnails, each channel less its mean, is 1 - d / 2
where d is the squared distance once both have length 1.
"""

import numpy as np
from PIL import Image

from needle.tasks.own.problems import Problem, plural

SIDE = 32  # pixels of a thumbnail, as there
# Measured on two sets of photographs (hand signs, 1,000 of 100 pixels; fruit in shops, 1,092 of
# 350): of all pairs the highest correlation of two shots that differ was 0.941, two of a burst had
# 0.949. A copy of each of half the size had 0.965 or more, of JPEG quality 20 0.986, 15 % brighter
# 0.990; turned by a degree 99.9 % are found, less a margin of 1 % 94 %, of 2 % 30 %.
NEAR = 0.945
PLAIN = 2.0  # grey levels of contrast, below which there is nothing to compare
EXAMPLES = 3
_ROWS = 1024  # that are compared at once


def thumbnail(picture):
    """Make a picture small: float32 (SIDE * SIDE * 3,), of length 1, or 0 if it is plain.

    Parameters
    ----------
    picture : numpy.ndarray of uint8, shape (H, W, 3)
    """
    small = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BOX)
    values = np.asarray(small, np.float32)
    values = (values - values.mean(axis=(0, 1))).ravel()
    length = float(np.linalg.norm(values))
    contrast = length / values.size**0.5
    return values / length if contrast >= PLAIN else np.zeros_like(values)


def near_copies(found, thumbnails):
    """Note the pictures of val and test that are nearly the same as one that is learned from.

    Parameters
    ----------
    found : dict of str to list of (Candidate, int)
        Candidates and their places, by train, val and test.
    thumbnails : list of numpy.ndarray
        By place.

    Returns
    -------
    notes : list of Problem
        One for each split that has some.
    pairs : list of Problem
        One for each such picture.
    """
    notes, pairs = [], []
    for split, others in (("val", ("train",)), ("test", ("train", "val"))):
        seen = [item for other in others for item in found[other]]
        near = _nearest(found[split], seen, thumbnails)
        if not near:
            continue
        some = ", ".join(f"{one.path} and {other.path}" for one, other in near[:EXAMPLES])
        copy = "has a near copy" if len(near) == 1 else "have near copies"
        notes.append(Problem("", f"{plural(len(near), 'picture')} of {split} {copy} in "
                             f"{' or '.join(others)} (such as {some}): the accuracy is too high "
                             "if new pictures are not as close; keep such pictures in one split",
                             "noted"))  # fmt: skip
        pairs += [Problem(one.path, f"nearly the same as {other.path}", "noted")
                  for one, other in near]  # fmt: skip
    return notes, pairs


def _nearest(part, seen, thumbnails):
    """Pair the candidates that have a near copy with the nearest."""
    if not part or not seen:
        return []
    known = np.array([thumbnails[place] for _, place in seen]).T
    near = []
    for start in range(0, len(part), _ROWS):
        rows = part[start : start + _ROWS]
        alike = np.array([thumbnails[place] for _, place in rows]) @ known
        near += [(one, seen[best][0])
                 for (one, _), best, value in zip(rows, alike.argmax(axis=1), alike.max(axis=1),
                                                  strict=True) if value >= NEAR]  # fmt: skip
    return near
