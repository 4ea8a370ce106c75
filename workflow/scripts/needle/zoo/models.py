"""Building models and feeding them: timm architectures, normalised images."""

from needle.errors import NeedleError
from needle.startup import no_garbage_collection

with no_garbage_collection():
    import timm
    import torch


def build(card, classes=0):
    """Build a model with random weights; with no classes it returns embeddings.

    Parameters
    ----------
    card : dict
        ``architecture`` (a name in timm) and ``architecture_args``.
    classes : int
        Outputs of the head.

    Returns
    -------
    torch.nn.Module
        In channels_last memory format, which convolutions on a CPU prefer.

    Raises
    ------
    NeedleError
        If timm does not have the architecture or refuses the arguments.
    """
    try:
        model = timm.create_model(
            card["architecture"], num_classes=classes, **card["architecture_args"]
        )
    except (RuntimeError, TypeError) as error:
        raise NeedleError(
            f"model {card['name']}: timm cannot build {card['architecture']!r} with "
            f"{card['architecture_args']} ({error}); correct the model card"
        ) from error
    return model.to(memory_format=torch.channels_last)


def normalise(images, card):
    """Turn uint8 images (N, 3, H, W) into what the model was trained on.

    Parameters
    ----------
    images : Tensor of uint8, shape (N, 3, H, W)
    card : dict
        ``mean`` and ``std`` of each channel, as fractions of full intensity.

    Returns
    -------
    Tensor of float32, shape (N, 3, H, W), channels_last
    """
    mean, std = (images.new_tensor(card[k], dtype=torch.float32) * 255 for k in ("mean", "std"))
    scaled = (images.float() - mean.view(3, 1, 1)) / std.view(3, 1, 1)
    return scaled.contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def forward_all(model, images, card, batch_size):
    """Run a model in evaluation mode over uint8 images.

    Parameters
    ----------
    model : torch.nn.Module
    images : Tensor of uint8, shape (N, 3, H, W)
    card : dict
    batch_size : int

    Returns
    -------
    Tensor, shape (N, D) or (N, C)
        What the model returns: embeddings, or logits if it has a head.
    """
    model.eval()
    return torch.cat([model(normalise(chunk, card)) for chunk in images.split(batch_size)])
