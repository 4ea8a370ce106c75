"""Building models and feeding them: architectures of timm and torchvision, normalised images."""

import functools

from needle.base.errors import NeedleError
from needle.base.startup import no_garbage_collection

with no_garbage_collection():
    import timm
    import torch
    import torchvision

# Both classify with auxiliary heads too, and return tuples, unless told otherwise.
TORCHVISION_ARGS = {
    name: {"aux_logits": False, "init_weights": False} for name in ("googlenet", "inception_v3")
}


class TorchvisionBackbone(torch.nn.Module):
    """A torchvision model that returns embeddings and takes a head as timm's models do.

    Its last linear layer becomes the identity, and dropout is off, as it is in timm.

    Parameters
    ----------
    network : torch.nn.Module
        As torchvision builds it, with its classifier; kept and changed.
    classes : int
        Outputs of the head; 0 for none.
    """

    def __init__(self, network, classes):
        super().__init__()
        linear = [name for name, m in network.named_modules() if isinstance(m, torch.nn.Linear)]
        self.classifier_name = linear[-1]
        self.num_features = network.get_submodule(self.classifier_name).in_features
        network.set_submodule(self.classifier_name, torch.nn.Identity())
        for module in network.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        self.network = network
        self.reset_classifier(classes)

    def reset_classifier(self, classes):
        """Give the model a new head; none if `classes` is 0."""
        self.head = torch.nn.Linear(self.num_features, classes) if classes else torch.nn.Identity()

    def get_classifier(self):
        """Give the head."""
        return self.head

    def forward(self, images):
        """Compute embeddings, or logits if there is a head."""
        return self.head(self.network(images))


def build(card, classes=0):
    """Build a model with random weights; with no classes it returns embeddings.

    Parameters
    ----------
    card : dict
        ``architecture`` (a name in timm, or ``torchvision:`` and a name there) and
        ``architecture_args``.
    classes : int
        Outputs of the head.

    Returns
    -------
    torch.nn.Module
        In channels_last memory format, which convolutions on a CPU prefer.

    Raises
    ------
    NeedleError
        If the library does not have the architecture or refuses the arguments.
    """
    library, _, name = card["architecture"].rpartition(":")
    arguments = card["architecture_args"]
    try:
        if library == "torchvision":
            network = torchvision.models.get_model(
                name, **TORCHVISION_ARGS.get(name, {}), **arguments
            )
            model = TorchvisionBackbone(network, classes)
        else:
            model = timm.create_model(name, num_classes=classes, **arguments)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        raise NeedleError(
            f"model {card['name']}: {library or 'timm'} cannot build {name!r} with "
            f"{arguments} ({error}); correct the model card"
        ) from error
    return model.to(memory_format=torch.channels_last)


def embedding_dim(model):
    """Width of what a model returns without a head.

    Some of timm's models, such as MobileNetV4, widen their last features before the head.
    """
    return getattr(model, "head_hidden_size", model.num_features)


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
    mean, std = (_channels(tuple(card[k]), images.device) for k in ("mean", "std"))
    return ((images.float() - mean) / std).contiguous(memory_format=torch.channels_last)


@functools.cache
def _channels(fractions, device):
    """Put a fraction of full intensity for each channel on a device, once: a copy makes it wait."""
    with torch.inference_mode(False):
        return (torch.tensor(fractions, device=device) * 255).view(3, 1, 1)


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


def granularity(model):
    """Pixels that a side of a model's input must be a multiple of.

    Parameters
    ----------
    model : torch.nn.Module

    Returns
    -------
    int
        The side of the patches of a transformer; 32 for networks that halve it in stages.
    """
    patches = getattr(model, "patch_embed", None)
    side = patches.patch_size[0] if hasattr(patches, "patch_size") else 4
    return side if side > 8 else 32
