"""Checkpoints: a backbone's weights, its source head where it has one, and its card."""

import json

import torch
from safetensors.torch import save

from needle.base.errors import NeedleError
from needle.base.files import atomic
from needle.base.tensors import open_tensors, read_card
from needle.models.backbones import build, embedding_dim

SOURCE_HEAD = "source_head."


def save_checkpoint(path, model, card):
    """Write a checkpoint; parameters and embedding dimension in its card are measured here.

    Parameters
    ----------
    path : path
    model : torch.nn.Module
        As `build` gives it, with or without a head, or with a head aside as ``source_head``.
    card : dict
        The model card.

    Returns
    -------
    dict
        The card as written.
    """
    backbone = build(card).state_dict().keys()
    tensors = {
        name if name in backbone else SOURCE_HEAD + name.rpartition(".")[2]: tensor.contiguous()
        for name, tensor in model.state_dict().items()
    }
    measured = {
        "params": sum(p.numel() for name, p in model.named_parameters() if name in backbone),
        "embedding_dim": embedding_dim(model),
    }
    with atomic(path) as temporary:
        temporary.write_bytes(save(tensors, metadata={"card": json.dumps(card | measured)}))
    return card | measured


def load_backbone(path):
    """Load a checkpoint as a model that returns embeddings.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple of torch.nn.Module and dict
        The model and its card.

    Raises
    ------
    NeedleError
        If a weight is missing, unexpected, of another shape or not finite, or if the model is not
        what its card says: a silently random backbone would make every score wrong.
    """
    card = read_card(path)
    model = build(card)
    load_state(path, model, card, "delete the file and make it again")
    for key, found in measure(model).items():
        if card[key] != found:
            raise NeedleError(f"{path}: its card says {key} {card[key]}, the model has {found}")
    return model, card


def load_source_head(path):
    """Load the source head of a checkpoint.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple of Tensor or None
        Weight (Z, D) and bias (Z,) that turn embeddings into logits of the source classes; None
        if the model has no such head.
    """
    with open_tensors(path, framework="pt") as file:
        if f"{SOURCE_HEAD}weight" not in file.keys():  # noqa: SIM118
            return None
        return tuple(file.get_tensor(SOURCE_HEAD + part) for part in ("weight", "bias"))


def measure(model):
    """Count the parameters and the embedding dimension of a model without a head."""
    params = sum(parameter.numel() for parameter in model.parameters())
    return {"params": params, "embedding_dim": embedding_dim(model)}


def load_state(path, model, card, remedy):
    """Load a file's weights, but for a source head, into a model; parameters as in `check_state`.

    Raises
    ------
    NeedleError
        If they are not those of the model.
    """
    with open_tensors(path, framework="pt") as file:
        names = [name for name in file.keys() if not name.startswith(SOURCE_HEAD)]  # noqa: SIM118
        state = {name: file.get_tensor(name) for name in names}
    check_state(path, state, model, card, remedy)
    model.load_state_dict(state)


def check_state(path, state, model, card, remedy):
    """Check that weights are those of a model: each there, none more, all finite.

    Parameters
    ----------
    path : path
        Where they come from.
    state : dict of str to Tensor
    model : torch.nn.Module
    card : dict
        Names its architecture.
    remedy : str
        What the user can do, for the message.

    Raises
    ------
    NeedleError
        With the number of wrong weights and the first of them.
    """
    expected = model.state_dict()
    complaints = {
        "lacks": sorted(expected.keys() - state.keys()),
        "has unknown": sorted(state.keys() - expected.keys()),
        "has of another shape": sorted(
            k for k in expected.keys() & state.keys() if expected[k].shape != state[k].shape
        ),
        "has NaN or infinity in": sorted(k for k, t in state.items() if not t.isfinite().all()),
    }
    for complaint, wrong in complaints.items():
        if wrong:
            raise NeedleError(
                f"{path}: {complaint} {len(wrong)} weights of {card['architecture']} "
                f"({', '.join(wrong[:3])}{', ...' if len(wrong) > 3 else ''}); {remedy}"
            )


def attach_head(model, classes):
    """Give a backbone a new head for `classes` classes, all weights zero."""
    model.reset_classifier(classes)
    head = model.get_classifier()
    torch.nn.init.zeros_(head.weight)
    torch.nn.init.zeros_(head.bias)
    return model


@torch.no_grad()
def set_head(model, weight, bias):
    """Give the head of a model weights (C, D) and biases (C,), as numpy arrays."""
    head = model.get_classifier()
    head.weight.copy_(torch.from_numpy(weight))
    head.bias.copy_(torch.from_numpy(bias))
