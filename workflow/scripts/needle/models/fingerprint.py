"""The fingerprint of a model: what it makes of a fixed image."""

import math

import torch

from needle.base.errors import NeedleError
from needle.models.backbones import embedding_dim, forward_all

FINGERPRINT_TOLERANCE = 1e-3


def take_fingerprint(model, card):
    """Embed a fixed image and compare with the card's fingerprint where it has one.

    Parameters
    ----------
    model : torch.nn.Module
        Without a head.
    card : dict
        ``input_size`` (side in pixels), ``mean``, ``std`` and perhaps ``fingerprint``.

    Returns
    -------
    dict
        ``mean`` of the embedding and its ``first`` four values.

    Raises
    ------
    NeedleError
        If the model cannot embed the image, or what comes out is not what is declared.
    """
    image = fixed_image(card["input_size"])
    try:
        output = forward_all(model, image[None], card, batch_size=1)
    except (AssertionError, RuntimeError, ValueError) as error:
        raise NeedleError(
            f"model {card['name']}: cannot embed an image of input_size {card['input_size']} "
            f"({error}); give architecture_args img_size"
        ) from error
    if output.shape != (1, embedding_dim(model)) or not output.isfinite().all():
        raise NeedleError(
            f"model {card['name']}: returns {tuple(output.shape)} for one image, not "
            f"{embedding_dim(model)} finite numbers; set global_pool in architecture_args"
        )
    found = {"mean": output.double().mean().item(), "first": output[0, :4].tolist()}
    declared = card.get("fingerprint")
    if declared and not _close(
        [declared["mean"], *declared["first"]], [found["mean"], *found["first"]]
    ):
        raise NeedleError(
            f"model {card['name']}: its card's fingerprint is {declared}, the model's {found}; "
            "these are other weights, or mean, std or input_size have changed"
        )
    return found


def _close(declared, found):
    return len(declared) == len(found) and all(
        math.isclose(one, other, rel_tol=FINGERPRINT_TOLERANCE, abs_tol=FINGERPRINT_TOLERANCE)
        for one, other in zip(declared, found, strict=True)
    )


def fixed_image(size):
    """Draw the image of the fingerprints: a ramp across, one down and one along the diagonal.

    Parameters
    ----------
    size : int

    Returns
    -------
    Tensor of uint8, shape (3, size, size)
    """
    ramp = torch.arange(size) * 255 // max(1, size - 1)
    across, down = ramp.expand(size, size), ramp[:, None].expand(size, size)
    return torch.stack([across, down, (across + down) // 2]).to(torch.uint8)
