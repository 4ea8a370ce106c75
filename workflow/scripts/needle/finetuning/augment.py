"""Augmentation of a batch on the device: crops, flips and colours, each picture by itself."""

import functools

import torch
from kornia.augmentation import ColorJitter, RandomHorizontalFlip, RandomResizedCrop

from needle.finetuning.keep import allowed


def augmentation(protocol, keep=()):
    """Choose how pictures of a task are augmented in training.

    Parameters
    ----------
    protocol : dict
        The config's ``finetune``. Its ``augment``, if given, has one or more of ``crop``, the
        smallest share of a picture's area that is cut out and brought to its size again,
        ``flip``, whether every second picture is mirrored, and ``colour``, the share by which
        brightness, contrast and saturation change at most.
    keep : sequence of str
        What must stay as it is: ``keep`` of the task's card.

    Returns
    -------
    callable or None
        Takes images of shape (N, 3, H, W) with values from 0 to 255, uint8 or float, and gives
        float32 images of the same shape and range, as `normalise` takes them. It draws from
        torch's own generator on the processor, whatever the device. None if nothing is to be done.
    """
    chosen = allowed(protocol.get("augment", {}), keep)
    if not chosen:
        return None
    transforms = functools.cache(functools.partial(_transforms, **chosen))

    def augment(images):
        return transforms(*images.shape[2:])(images.float() / 255) * 255

    return augment


def _transforms(height, width, crop=None, flip=False, colour=None):
    """Line up transforms of float images (N, 3, height, width) in [0, 1]."""
    transforms = []
    if crop:
        # A crop has the picture's own shape, so that angles stay. On a processor, cutting picture
        # by picture is faster than resampling all of them through a grid.
        transforms.append(
            RandomResizedCrop(
                (height, width),
                scale=(crop, 1.0),
                ratio=(width / height, width / height),
                align_corners=False,
                cropping_mode="slice",
            )
        )
    if flip:
        transforms.append(RandomHorizontalFlip())
    if colour:
        transforms.append(ColorJitter(colour, colour, colour))
    return torch.nn.Sequential(*transforms)
