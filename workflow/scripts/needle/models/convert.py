"""Turning published weights into checkpoints: read without unpickling, fitted strictly."""

import inspect
import sys

import torch

from needle.base.errors import NeedleError
from needle.models.backbones import TorchvisionBackbone, build, embedding_dim
from needle.models.checkpoints import check_state, measure
from needle.models.fingerprint import take_fingerprint
from needle.models.state_dicts import read_state, select
from needle.models.weights import check_digest, locate

# Heads that only training uses. The head itself is what a model has more if built with classes.
AUXILIARY_HEADS = ("aux1.", "aux2.", "AuxLogits.", "head_dist.")
# timm's functions from the layouts in which its models were published to its own, by module.
TIMM_LAYOUTS = ("checkpoint_filter_fn", "_filter_torchvision_pretrained", "_filter_fn")
REMEDY = "correct architecture or weights in the model card (prefix, key, rename, drop)"


def convert(card, path):
    """Build the model of a card and load its published weights.

    Parameters
    ----------
    card : dict
        Model card with ``weights`` (see `locate`), which may have ``key`` (dotted path to the
        state dict within the file), then ``prefix`` (of the names to take; removed), ``rename``
        (pairs of a regular expression and its replacement), ``drop`` (prefixes of names to leave
        out), ``absent`` (prefixes of norms that the file lacks) and ``source_head`` (false if the
        head in the file is of no classes, such as CLIP's projection); and with what is declared
        of the model: ``params``, ``embedding_dim``, ``fingerprint``.
    path : path
        The file as fetched: safetensors, a PyTorch checkpoint or a BiT archive (npz); which one
        is seen from its content.

    Returns
    -------
    tuple of torch.nn.Module and dict
        The model without a head, but aside, as ``source_head``, the linear layer that turns its
        embeddings into logits of the source classes, where the file has one and the card does not
        say ``source_head: false``; and the card with ``source``, ``source_sha256`` and the computed
        ``fingerprint``.

    Raises
    ------
    NeedleError
        If a weight is missing, unexpected, of another shape or not finite, or if the model is not
        what its card says: a silently random backbone would make every score wrong.
    """
    source = locate(card)
    digest = check_digest(path, source)
    state = select(read_state(path, card["weights"].get("key")), card["weights"], path)
    model = build(card)
    head = _load(model, state, card, path)
    for key, found in measure(model).items():
        if card.get(key, found) != found:
            raise NeedleError(
                f"model {card['name']}: its card says {key} {card[key]}, the model has {found}; "
                "correct the card, or architecture if it is another model"
            )
    about = {"source": str(source), "source_sha256": digest}
    card = card | about | {"fingerprint": take_fingerprint(model, card)}
    if head and card["weights"].get("source_head", True):
        attach_source_head(model, head, card)
    return model, card


def _load(model, state, card, path):
    """Load weights into a model without a head; what is left over is a head and is returned."""
    if isinstance(model, TorchvisionBackbone):
        target, heads = model.network, (f"{model.classifier_name}.",)
    else:
        target, state = model, _timm_layout(model, state, card, path)
        heads = tuple(build(card, classes=1).state_dict().keys() - model.state_dict().keys())
    expected = target.state_dict()
    head = {k: t for k, t in state.items() if k not in expected and k.startswith(heads)}
    state = {
        name: tensor
        for name, tensor in state.items()
        if name in expected or not name.startswith((*heads, *AUXILIARY_HEADS))
    }
    # PyTorch before 0.4.1 did not count batches, and nothing here reads the count.
    counters = {k: t for k, t in expected.items() if k.endswith("num_batches_tracked")}
    state = counters | _absent_norms(expected, card) | state
    check_state(path, state, target, card, REMEDY)
    target.load_state_dict(state)
    return head


def attach_source_head(model, head, card):
    """Give a model its source head, aside: its own output stays the embedding.

    Parameters
    ----------
    model : torch.nn.Module
        Without a head; gets the attribute ``source_head``, a linear layer.
    head : dict of str to Tensor
        The weights of the head by the names in the file. One that is not linear in the embedding
        is left out, and says so.
    card : dict
    """
    parts = {name.rpartition(".")[2]: tensor.float() for name, tensor in head.items()}
    # A convolution of 1 x 1 pixels is such a layer too.
    weight = parts.get("weight", torch.empty(0, 0)).flatten(1)
    bias = parts.get("bias", torch.zeros(len(weight)))
    width = embedding_dim(model)
    if len(parts) < len(head) or weight.shape != (len(bias), width) or len(bias) < 2:
        shapes = ", ".join(f"{name} {tuple(tensor.shape)}" for name, tensor in head.items())
        print(
            f"model {card['name']}: its head is left out: {shapes} is no linear map of the "
            f"{width} numbers of an embedding to classes",
            file=sys.stderr,
        )
        return
    model.source_head = torch.nn.Linear(width, len(bias))
    model.source_head.load_state_dict({"weight": weight, "bias": bias})


def _absent_norms(expected, card):
    """Take the norms that a card says its file lacks, as they start: doing nothing, not random."""
    absent = tuple(card["weights"].get("absent", ()))
    norms = {name: tensor for name, tensor in expected.items() if name.startswith(absent)}
    for name, tensor in norms.items():
        if tensor.ndim > 1 or tensor.unique().numel() != 1:
            raise NeedleError(
                f"model {card['name']}: weights.absent: {name} is no norm, so it would start at "
                "random; only norms may be absent from a file of weights"
            )
    return norms


def _timm_layout(model, state, card, path):
    """Bring weights of an older or foreign layout into timm's, and positions to the model's size.

    It is what timm does itself when it loads them.
    """
    module = sys.modules[type(model).__module__]
    for change in (getattr(module, name, None) for name in TIMM_LAYOUTS):
        if change is None:
            continue
        arguments = (state, model)[: len(inspect.signature(change).parameters)]
        try:
            return change(*arguments)
        except (KeyError, IndexError, AttributeError, RuntimeError, ValueError) as error:
            raise NeedleError(
                f"{path}: timm cannot make weights of {card['architecture']} of it "
                f"({type(error).__name__}: {error}); {REMEDY}"
            ) from error
    return state
