"""Files of 16 bits whose values use fewer: 12 of a microscope, 10 of a camera."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from needle.tasks.own.pictures import FORMATS, quiet
from needle.tasks.own.problems import plural

# Values of so many bits, and what brings them to 16 (8 bits: 255 becomes 65,535).
BITS = {8: 257, 10: 64, 12: 16}


def brightest(path):
    """Read the greatest value of a picture that is stored in 16 bits.

    Parameters
    ----------
    path : path

    Returns
    -------
    int or None
        Of 65,535; of a colour picture the least that Pillow's 8 bits allow, times 257. None if the
        picture has fewer bits, or cannot be read.
    """
    try:
        with open(path, "rb") as file, quiet:
            image = Image.open(file, formats=FORMATS)
            if image.mode.startswith("I"):
                return int(np.asarray(image).max())
            if not any(";16" in str(tile[3]) for tile in image.tile):
                return None
            return int(np.asarray(image.convert("RGB")).max()) * 256  # Pillow drops the low byte
    except Exception:  # what Pillow may raise on damaged files has no common class
        return None


def depth_complaints(root, candidates, threads=1):
    """Refuse pictures of 16 bits of which none uses more than 12: they would be nearly black.

    Parameters
    ----------
    root : pathlib.Path
    candidates : list of Candidate
        That can be read.
    threads : int, optional

    Returns
    -------
    list of str
    """
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(lambda c: brightest(root / c.path), candidates))
    peaks = [peak for peak in found if peak is not None]
    bits = next((bits for bits in BITS if max(peaks, default=0) < 2**bits), None)
    if bits is None or not any(peaks):
        return []
    return [
        f"none of its {plural(len(peaks), 'picture')} of 16 bits has a value of {2**bits:,} or "
        f"more (of 65,535), such as {candidates[found.index(max(peaks))].path} with "
        f"{max(peaks):,}: these are {bits} bits in files of 16, and would be nearly black; "
        f"multiply their values by {BITS[bits]}, or save them with 8 bits"
    ]
