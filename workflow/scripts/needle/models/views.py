"""How a model sees the pictures of a task: its square, and what is done to fill it."""

from dataclasses import dataclass

from needle.base.startup import no_garbage_collection
from needle.machine.device import move, move_images
from needle.models.backbones import normalise
from needle.models.inputs import check_inputs, resized_side

with no_garbage_collection():
    import torch
    from torchvision.transforms.v2 import functional

SETTINGS = ("interpolation", "crop_pct", "crop_mode")


@dataclass(frozen=True)
class FixedView:
    """The same square for every model: what a benchmark compares models on.

    Attributes
    ----------
    size : int
        Height and width in pixels.
    """

    size: int

    def __call__(self, images, device):
        """Bring images to a device: see `move_images`."""
        return move_images(images, device, self.size)

    def preprocessing(self):
        """Say in timm's words what a picture goes through."""
        return _preprocessing(self.size, "bilinear", 1.0, "squash")


@dataclass(frozen=True)
class OwnView:
    """A model's own square, as its makers meant it.

    Attributes
    ----------
    size : int
        Height and width in pixels.
    interpolation : {"bilinear", "bicubic"}
        Antialiased.
    crop_pct : float
        Side of the square as a share of the resized picture's (shorter) side.
    crop_mode : {"center", "squash"}
        Whether the shorter side is resized and the middle cut out, or the picture is squeezed
        into the square.
    """

    size: int
    interpolation: str
    crop_pct: float
    crop_mode: str

    def __call__(self, pictures, device):
        """Resize pictures on a device and cut the square out of each.

        Parameters
        ----------
        pictures : list of numpy.ndarray of uint8, shape (H, W, 3)
        device : torch.device or str

        Returns
        -------
        Tensor of uint8, shape (N, 3, size, size)
            What timm's evaluation transform of these settings gives before it normalises.
        """
        return torch.stack([self._square(move(picture, device)) for picture in pictures])

    def _square(self, picture):
        side = resized_side(self.size, self.crop_pct)
        larger = functional.resize(
            picture.permute(2, 0, 1),
            [side, side] if self.crop_mode == "squash" else [side],
            functional.InterpolationMode(self.interpolation),
            antialias=True,
        )
        return functional.center_crop(larger, [self.size, self.size])

    def preprocessing(self):
        """Say in timm's words what a picture goes through."""
        return _preprocessing(self.size, self.interpolation, self.crop_pct, self.crop_mode)


def view_of(task, card, most=None, granularity=1):
    """Choose how a model sees a task.

    Parameters
    ----------
    task : Task
        One stored at the size of its run, or the pictures of a user.
    card : dict
        Of the model; a fine-tuned one has its ``preprocessing``, which it keeps.
    most : int, optional
        The most pixels a side, where the model's own are more: fewer are quicker.
    granularity : int, optional
        What the side must be a multiple of, if it is not the model's own.

    Returns
    -------
    FixedView or OwnView

    Raises
    ------
    NeedleError
        If the pictures have their own sizes and the card does not say how the model takes them.
    """
    if not task.own_sizes:
        return FixedView(task.image_size or task.images("train", 0, 1).shape[-1])
    if known := card.get("preprocessing"):
        return OwnView(known["input_size"][-1], *(known[name] for name in SETTINGS))
    check_inputs(card)
    size = card["input_size"]
    if most is not None and most < size:
        size = max(most // granularity, 1) * granularity
    return OwnView(size, *(card[name] for name in SETTINGS))


def first_input(task, card, device):
    """Give a task's first train picture as a model takes it: (1, 3, H, W), on a device."""
    return normalise(view_of(task, card)(task.images("train", 0, 1), device), card)


def _preprocessing(size, interpolation, crop_pct, crop_mode):
    return {
        "input_size": [3, size, size],
        "interpolation": interpolation,
        "crop_pct": crop_pct,
        "crop_mode": crop_mode,
    }
