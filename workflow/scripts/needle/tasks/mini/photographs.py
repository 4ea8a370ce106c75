"""Pictures that ship inside the scikit-image and scikit-learn wheels, and crops of them."""

import importlib.util
from pathlib import Path

import numpy as np
from PIL import Image

from needle.tasks.mini.canvas import GRID_X, GRID_Y, SIDE, bilinear, per_image

_SCIKIT_LEARN = ("china.jpg", "flower.jpg")


def bundled(package, *parts):
    """Return the path of a file inside an installed package, without importing the package.

    Parameters
    ----------
    package : str
        Import name of a top-level package.
    *parts : str
        Path of the file inside the package's folder.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    FileNotFoundError
        If the package is not installed or has no such file.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"package {package} is not installed")
    path = Path(spec.origin).parent.joinpath(*parts)
    if not path.is_file():
        raise FileNotFoundError(f"package {package} has no file {'/'.join(parts)}")
    return path


def photograph(name):
    """Read a bundled picture.

    Parameters
    ----------
    name : str
        File name such as ``"coffee.png"``.

    Returns
    -------
    numpy.ndarray
        RGB in [0, 1], float32, shape (height, width, 3).

    Raises
    ------
    FileNotFoundError
        If no such picture is bundled.
    """
    if name in _SCIKIT_LEARN:
        path = bundled("sklearn", "datasets", "images", name)
    else:
        path = bundled("skimage", "data", name)
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), np.float32) / 255


def reach(zoom, rotated):
    """Return how far from its centre a crop samples a picture, along either axis.

    Parameters
    ----------
    zoom : array_like
        Picture pixels per pixel of the crop.
    rotated : bool
        Whether the crop may be rotated by any angle.

    Returns
    -------
    numpy.ndarray
        Pixels of the picture.

    Examples
    --------
    >>> float(reach(1.0, rotated=False))
    15.5
    """
    corner = np.sqrt(2) if rotated else 1.0
    return np.asarray(zoom, float) * (SIDE - 1) / 2 * corner


def crops(picture, cx, cy, zoom, angle=(0.0,)):
    """Cut 32 x 32 crops from a picture with bilinear interpolation.

    Parameters
    ----------
    picture : numpy.ndarray
        Shape (height, width) or (height, width, channels).
    cx, cy : numpy.ndarray
        Column and row of the crops' centres in pixels, shape (N,).
    zoom : numpy.ndarray
        Picture pixels per pixel of the crop, shape (N,).
    angle : array_like
        Rotation in radians, shape (N,) or (1,).

    Returns
    -------
    numpy.ndarray
        float32, shape (N, 32, 32) or (N, 32, 32, channels).
    """
    # Double precision keeps rounding far below the spare pixel that the regions leave.
    cx, cy, half = (np.asarray(v, float)[:, None, None] for v in (cx, cy, zoom))
    half = half * SIDE / 2
    cosine, sine = (v[:, None, None] for v in (np.cos(angle), np.sin(angle)))
    x = cx + half * (cosine * GRID_X - sine * GRID_Y)
    y = cy + half * (sine * GRID_X + cosine * GRID_Y)
    return bilinear(picture[None], np.zeros(len(cx), np.intp), x, y)


def mirror_some(rng, images):
    """Flip a random half of the images left to right."""
    flip = per_image(rng.random(len(images)) < 0.5, axes=3) > 0
    return np.where(flip, images[:, :, ::-1], images)
