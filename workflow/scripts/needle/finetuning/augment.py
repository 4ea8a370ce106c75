"""Augmentation of a batch on the device: crops, flips and colours, each picture by itself.

What a task's label depends on is declared on its card as ``keep``, and forbids what would change
it.
"""

import functools

import torch
from kornia.enhance import (
    adjust_brightness_accumulative,
    adjust_contrast_with_mean_subtraction,
    adjust_saturation_with_gray_subtraction,
)
from kornia.geometry.transform import warp_affine

# What each word of `keep` forbids.
FORBIDS = {
    "position": {"crop", "flip"},
    "orientation": {"flip"},
    "letters": {"flip"},
    "counting": {"crop"},
    "colour": {"colour"},
}
ADJUST = (
    adjust_brightness_accumulative,
    adjust_contrast_with_mean_subtraction,
    adjust_saturation_with_gray_subtraction,
)
DRAWS = 4 + len(ADJUST)  # of a picture: area, left, top, flip, colours


def allowed(augment, keep):
    """Leave out of an augmentation what a task forbids.

    Parameters
    ----------
    augment : dict
        The protocol's ``augment``.
    keep : sequence of str
        Of `FORBIDS`: what must stay as it is.

    Returns
    -------
    dict

    Examples
    --------
    >>> allowed({"crop": 0.6, "flip": True, "colour": 0.2}, ["letters"])
    {'crop': 0.6, 'colour': 0.2}
    """
    forbidden = set().union(*(FORBIDS[word] for word in keep))
    return {name: value for name, value in augment.items() if value and name not in forbidden}


def augmentation(protocol, keep=()):
    """Choose how pictures of a task are augmented in training.

    Parameters
    ----------
    protocol : dict
        The config's ``finetune``. Its ``augment``, if given, has one or more of ``crop``, the
        smallest share of a picture's area that is cut out and brought to its size again,
        ``flip``, whether every second picture is mirrored, and ``colour``, by which share
        brightness, contrast and saturation may change at most.
    keep : sequence of str
        What must stay as it is: ``keep`` of the task's card.

    Returns
    -------
    callable or None
        Takes images of shape (N, 3, H, W) with values from 0 to 255, uint8 or float, and gives
        float32 images of the same shape and range, as `normalise` takes them. Each call draws
        from torch's generator on the processor, whatever the device, the same amount for each
        picture: the draws of a batch do not depend on how it is divided. None if nothing is to
        be done.
    """
    chosen = allowed(protocol.get("augment", {}), keep)
    return functools.partial(_augment, **chosen) if chosen else None


def _augment(images, crop=1.0, flip=False, colour=0.0):
    """Augment images; without an argument the pictures stay as they are in that respect."""
    draws = torch.rand(len(images), DRAWS).to(images.device)
    pictures = images.float() / 255
    if crop < 1 or flip:
        matrices = _matrices(draws[:, :4], crop, flip, *pictures.shape[2:])
        # Beyond the outermost pixels' centres are their own values.
        pictures = warp_affine(pictures, matrices, pictures.shape[2:], padding_mode="border")
    if colour:
        factors = 1 + colour * (2 * draws[:, 4:] - 1)
        for adjust, factor in zip(ADJUST, factors.unbind(1), strict=True):
            pictures = adjust(pictures, factor)
    return pictures * 255


def _matrices(draws, crop, flip, height, width):
    """Lay out crops and flips as maps of a picture's pixels to those that are seen.

    Parameters
    ----------
    draws : Tensor, shape (N, 4)
        In [0, 1): area, left and top of the crop, flip.
    crop : float
        Smallest share of the area; the crop keeps the picture's shape, so that angles stay.
    flip : bool
    height, width : int

    Returns
    -------
    Tensor, shape (N, 2, 3)
        For coordinates (x, y, 1), where the centre of the first pixel is (0, 0).
    """
    area, left, top, mirrored = draws.unbind(1)
    side = (crop + (1 - crop) * area).sqrt()
    scale, zero = 1 / side, torch.zeros_like(side)
    sign = torch.where(mirrored < 0.5, -1, 1) if flip else torch.ones_like(side)
    # A pixel's centre is half a pixel from its edge, so both sides are moved by one half.
    x = (0.5 - (1 - side) * width * left) * scale - 0.5
    y = (0.5 - (1 - side) * height * top) * scale - 0.5
    x = torch.where(sign < 0, width - 1 - x, x)
    rows = torch.stack([sign * scale, zero, x]), torch.stack([zero, scale, y])
    return torch.stack(rows).permute(2, 0, 1)
