"""Turning published weights into checkpoints: read without unpickling, fitted strictly."""

import argparse
import inspect
import math
import pickle
import re
import sys
import zipfile

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from needle.base.errors import NeedleError
from needle.models.backbones import TorchvisionBackbone, build, embedding_dim, forward_all
from needle.models.checkpoints import check_state, measure
from needle.models.weights import check_digest, locate

# Where checkpoints keep the state dict, the last as VISSL does.
NESTS = ("state_dict", "model", "classy_state_dict.base_model.model.trunk")
# Heads that only training uses; the head itself is what the model has more with classes.
AUXILIARY_HEADS = ("aux1.", "aux2.", "AuxLogits.", "head_dist.")
# timm's functions from the layouts in which its models were published to its own, by module.
TIMM_LAYOUTS = ("checkpoint_filter_fn", "_filter_torchvision_pretrained", "_filter_fn")
# From the names in BiT's archives to timm's, applied in turn.
BIT_NAMES = (
    (r"^resnet/", ""),
    (r"^root_block/standardized_conv2d/kernel$", "stem.conv.weight"),
    (r"^head/conv2d/kernel$", "head.fc.weight"),
    (r"^head/conv2d/bias$", "head.fc.bias"),
    (r"^block(\d+)/unit(\d+)/", lambda m: f"stages.{int(m[1]) - 1}.blocks.{int(m[2]) - 1}."),
    (r"a/proj/standardized_conv2d/kernel$", "downsample.conv.weight"),
    (r"([abc])/standardized_conv2d/kernel$", lambda m: f"conv{'abc'.index(m[1]) + 1}.weight"),
    (r"([abc])/group_norm/", lambda m: f"norm{'abc'.index(m[1]) + 1}/"),
    (r"^group_norm/", "norm/"),
    (r"/gamma$", ".weight"),
    (r"/beta$", ".bias"),
)
# What training scripts keep beside the weights, their arguments and numbers, runs no code.
SCALAR = np.float64().__reduce__()[0]
PLAIN_GLOBALS = [
    argparse.Namespace,
    np.dtype,
    *(type(np.dtype(name)) for name in ("bool", "int32", "int64", "float32", "float64")),
    (SCALAR, "numpy.core.multiarray.scalar"),
    (SCALAR, "numpy._core.multiarray.scalar"),
]
FINGERPRINT_TOLERANCE = 1e-3
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


def read_state(path, key=None):
    """Read the weights in a file; nothing is unpickled but tensors and plain data.

    Parameters
    ----------
    path : path
    key : str, optional
        Dotted path to the state dict; found if not given where the file leaves no doubt.

    Returns
    -------
    dict of str to Tensor

    Raises
    ------
    NeedleError
        For a file of another kind, a pickle that holds more than weights, or doubt.
    """
    with open(path, "rb") as file:
        head = file.read(9)
    if head[8:] == b"{":
        try:
            return load_file(path)
        except SafetensorError as error:
            raise NeedleError(f"{path}: a broken safetensors file ({error})") from error
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if all(name.endswith(".npy") for name in archive.namelist()):
                return _read_bit(path)
    return _unwrap(_read_torch(path), key, path)


def _read_bit(path):
    """Read a BiT archive in timm's names; timm's own loader overlooks weights it does not know."""
    state = {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for name in arrays.files:
                tensor = torch.from_numpy(arrays[name])
                for pattern, replacement in BIT_NAMES:
                    name = re.sub(pattern, replacement, name)
                # TensorFlow's kernels are height, width, in, out.
                state[name] = tensor.permute(3, 2, 0, 1) if tensor.ndim == 4 else tensor
    except (ValueError, TypeError, OSError, zipfile.BadZipFile) as error:
        raise NeedleError(f"{path}: not an archive of plain arrays ({error})") from error
    return state


def _read_torch(path):
    try:
        with torch.serialization.safe_globals(PLAIN_GLOBALS):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        found = re.search(r"GLOBAL (\S+)", str(error))
        reason = f"its pickle wants {found[1]}" if found else "no safetensors, PyTorch or npz file"
        raise NeedleError(
            f"{path}: holds more than weights or is damaged ({reason}), and is never unpickled; "
            "save its state dict alone, as safetensors, and name that file in weights.file"
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise NeedleError(
            f"{path}: not a readable PyTorch checkpoint ({reason[:200]}); delete it and fetch it "
            "again"
        ) from error


def _unwrap(content, key, path):
    """Go down to the state dict."""
    nests = [key] if key else ["", *NESTS]
    found = [state for state in (_descend(content, nest) for nest in nests) if state]
    if len(found) != 1:
        where = f"at {key}" if key else "for certain"
        inside = ", ".join(map(str, list(content)[:8])) if isinstance(content, dict) else "no dict"
        raise NeedleError(
            f"{path}: no state dict {where}; name its place in weights.key, such as state_dict or "
            f"teacher.backbone (the file has {inside})"
        )
    return found[0]


def _descend(content, key):
    """Follow a dotted path to a state dict; None if there is none."""
    for part in key.split(".") if key else []:
        content = content.get(part) if isinstance(content, dict) else None
    if not isinstance(content, dict) or not content:
        return None
    return content if all(isinstance(v, torch.Tensor) for v in content.values()) else None


def select(state, weights, path):
    """Take and name the weights as a card's ``prefix``, ``rename`` and ``drop`` say."""
    prefix = weights.get("prefix", "")
    taken = {
        name.removeprefix(prefix): tensor
        for name, tensor in state.items()
        if name.startswith(prefix)
    }
    if not taken:
        raise NeedleError(
            f"{path}: weights.prefix: no name begins with {prefix!r}; the first are "
            f"{', '.join(list(state)[:3])}"
        )
    for pattern, replacement in weights.get("rename", ()):
        taken = {re.sub(pattern, replacement, name): tensor for name, tensor in taken.items()}
    drop = tuple(weights.get("drop", ()))
    return {name: tensor for name, tensor in taken.items() if not name.startswith(drop)}


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
