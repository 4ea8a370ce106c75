"""Drawing primitives: a pixel grid, soft masks, filtered noise, colours and compositing.

Images are float32 arrays of shape (N, 32, 32, 3) with values around [0, 1] until
:func:`to_uint8` turns them into bytes. Positions and lengths are in canvas units: the canvas
spans [-1, 1] in both directions, x to the right and y downwards.
"""

import numpy as np

SIDE = 32
_CENTRES = ((np.arange(SIDE) + 0.5) / SIDE * 2 - 1).astype(np.float32)
GRID_Y, GRID_X = np.meshgrid(_CENTRES, _CENTRES, indexing="ij")

# Steepness of the edge of a mask: it rises from 10 to 90 % over about one pixel.
_EDGE = 1.2 * SIDE


def per_image(values, axes=2):
    """Append axes to one value per image, so that it broadcasts over pixels.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (N,).
    axes : int
        Number of axes to append.

    Returns
    -------
    numpy.ndarray
        float32, shape (N, 1, ..., 1).
    """
    return np.asarray(values, np.float32).reshape(-1, *[1] * axes)


def local_frame(cx, cy, angle, scale):
    """Return the pixel grid in the frame of one object per image.

    Parameters
    ----------
    cx, cy : numpy.ndarray
        Centre of each object in canvas units, shape (N,).
    angle : numpy.ndarray
        Rotation of each object in radians, from the x axis towards the y axis, shape (N,).
    scale : numpy.ndarray
        Length of a unit of the object's frame in canvas units, shape (N,).

    Returns
    -------
    x, y : numpy.ndarray
        Coordinates of the pixels in the object's frame, float32, shape (N, 32, 32).
    """
    cosine, sine = per_image(np.cos(angle)), per_image(np.sin(angle))
    dx, dy = GRID_X - per_image(cx), GRID_Y - per_image(cy)
    scale = per_image(scale)
    return (cosine * dx + sine * dy) / scale, (cosine * dy - sine * dx) / scale


def soft_mask(distance):
    """Turn signed distances (canvas units, negative inside) into opacities in [0, 1]."""
    return 1 / (1 + np.exp(np.clip(distance * _EDGE, -30, 30)))


def frequency_radius(angle=(0.0,), stretch=(1.0,)):
    """Return the spatial frequency of every Fourier coefficient of a canvas.

    Parameters
    ----------
    angle : array_like
        Direction of the first axis of the spectrum in radians, shape (N,).
    stretch : array_like
        Factor applied to frequencies across that axis; above 1 the noise is elongated across it.

    Returns
    -------
    numpy.ndarray
        Cycles per pixel, float32, shape (N, 32, 17), in the layout of ``numpy.fft.rfft2``; the
        constant term has a tiny positive value, so that powers of it are finite.
    """
    fy = np.fft.fftfreq(SIDE).astype(np.float32)[:, None]
    fx = np.fft.rfftfreq(SIDE).astype(np.float32)[None, :]
    cosine, sine = per_image(np.cos(angle)), per_image(np.sin(angle))
    along, across = cosine * fx + sine * fy, cosine * fy - sine * fx
    return np.hypot(along, across * per_image(stretch)) + np.float32(1e-6)


def filtered_noise(rng, amplitude):
    """Draw Gaussian noise with given spectra, scaled to mean 0 and variance 1 in each image.

    Parameters
    ----------
    rng : numpy.random.Generator
    amplitude : numpy.ndarray
        Amplitude of every coefficient as in :func:`frequency_radius`, shape (N, 32, 17).

    Returns
    -------
    numpy.ndarray
        float32, shape (N, 32, 32).
    """
    white = rng.standard_normal((len(amplitude), SIDE, SIDE), dtype=np.float32)
    spectrum = np.fft.rfft2(white) * amplitude
    spectrum[:, 0, 0] = 0
    noise = np.fft.irfft2(spectrum, s=(SIDE, SIDE))
    return (noise / (noise.std(axis=(1, 2), keepdims=True) + 1e-6)).astype(np.float32)


def random_colours(rng, *shape):
    """Draw RGB colours uniformly from the unit cube: float32, shape (*shape, 3)."""
    return rng.random((*shape, 3), dtype=np.float32)


def cluttered_backgrounds(rng, count, contrast):
    """Draw coloured backgrounds with power-law noise.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
        Number of backgrounds N.
    contrast : float
        Upper end of the amplitude of the noise, drawn for each image from [0, contrast].

    Returns
    -------
    numpy.ndarray
        float32, shape (N, 32, 32, 3).
    """
    images = 0.1 + 0.8 * random_colours(rng, count, 1, 1)
    strength = contrast * rng.random((count, 1, 1, 1), dtype=np.float32)
    radius = frequency_radius()
    for _ in range(2):
        noise = filtered_noise(rng, radius ** (-per_image(rng.uniform(0.5, 1.5, count))))
        direction = rng.standard_normal((count, 1, 1, 3), dtype=np.float32)
        images = images + strength * direction * noise[..., None]
    return images


def contrasting_colours(rng, images):
    """Draw one colour per image, far from its mean colour.

    Parameters
    ----------
    rng : numpy.random.Generator
    images : numpy.ndarray
        Shape (N, 32, 32, 3).

    Returns
    -------
    numpy.ndarray
        The most distant of six random colours, float32, shape (N, 3).
    """
    candidates = random_colours(rng, len(images), 6)
    mean = images.mean(axis=(1, 2))[:, None]
    farthest = ((candidates - mean) ** 2).sum(axis=-1).argmax(axis=1)
    return candidates[np.arange(len(images)), farthest]


def composite(images, mask, colours):
    """Paint one colour per image through a mask.

    Parameters
    ----------
    images : numpy.ndarray
        Shape (N, 32, 32, 3).
    mask : numpy.ndarray
        Opacity in [0, 1], shape (N, 32, 32).
    colours : numpy.ndarray
        Shape (N, 3).

    Returns
    -------
    numpy.ndarray
        Shape (N, 32, 32, 3).
    """
    return images + mask[..., None] * (colours[:, None, None, :] - images)


def photometric_jitter(rng, images):
    """Change saturation, white balance, contrast and brightness of each image at random."""
    count = (len(images), 1, 1)
    grey = images.mean(axis=-1, keepdims=True)
    images = grey + (images - grey) * rng.random((*count, 1), dtype=np.float32)
    images = images * (0.7 + 0.6 * random_colours(rng, *count))
    mean = images.mean(axis=(1, 2), keepdims=True)
    contrast = 0.6 + 0.8 * rng.random((*count, 1), dtype=np.float32)
    brightness = 0.7 + 0.6 * rng.random((*count, 1), dtype=np.float32)
    return (images - mean) * contrast + mean * brightness


def to_uint8(images):
    """Clip float images (N, 32, 32, 3) to [0, 1] and return bytes of shape (N, 3, 32, 32)."""
    levels = (np.clip(images, 0, 1) * 255 + 0.5).astype(np.uint8)
    return np.ascontiguousarray(levels.transpose(0, 3, 1, 2))


def bilinear(pictures, which, x, y):
    """Interpolate pictures at given points.

    Parameters
    ----------
    pictures : numpy.ndarray
        Shape (K, height, width) or (K, height, width, channels).
    which : numpy.ndarray
        Index of the picture to read for each of N outputs, shape (N,).
    x, y : numpy.ndarray
        Column and row in pixels (a pixel's centre is a whole number), shape (N, 32, 32). Points
        outside the picture take the value of the nearest point on its border.

    Returns
    -------
    numpy.ndarray
        float32, shape (N, 32, 32) or (N, 32, 32, channels). A value depends on no pixels but
        floor(x), floor(x) + 1 and floor(y), floor(y) + 1.
    """
    height, width = pictures.shape[1:3]
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left = np.minimum(x.astype(np.intp), width - 2)
    top = np.minimum(y.astype(np.intp), height - 2)
    channels = (1,) * (pictures.ndim - 3)
    fx = (x - left).astype(np.float32).reshape(*x.shape, *channels)
    fy = (y - top).astype(np.float32).reshape(*y.shape, *channels)
    flat = pictures.reshape(-1, *pictures.shape[3:])
    start = (which[:, None, None] * height + top) * width + left
    upper = (1 - fx) * flat[start] + fx * flat[start + 1]
    lower = (1 - fx) * flat[start + width] + fx * flat[start + width + 1]
    return (upper + fy * (lower - upper)).astype(np.float32)
