"""The weights in a published file: read without unpickling, and named as the model names them."""

import argparse
import pickle
import re
import zipfile

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from needle.base.errors import NeedleError

# Where checkpoints keep the state dict, the last as VISSL does.
NESTS = ("state_dict", "model", "classy_state_dict.base_model.model.trunk")
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
# Training scripts keep arguments and numbers beside the weights; these types run no code.
SCALAR = np.float64().__reduce__()[0]
PLAIN_GLOBALS = [
    argparse.Namespace,
    np.dtype,
    *(type(np.dtype(name)) for name in ("bool", "int32", "int64", "float32", "float64")),
    (SCALAR, "numpy.core.multiarray.scalar"),
    (SCALAR, "numpy._core.multiarray.scalar"),
]


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
