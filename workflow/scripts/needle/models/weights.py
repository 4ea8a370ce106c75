"""Where the weights of published models lie, and fetching them."""

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from needle.base.errors import NeedleError
from needle.base.files import atomic
from needle.machine.download import fetch
from needle.models.hub import from_hub
from needle.models.packages import from_package

# What repositories of timm models call their weights, the preferred first.
HUB_FILES = ("model.safetensors", "pytorch_model.bin")
# torch.hub's rule: the first digits of the file's sha256 stand at the end of its name.
HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.[^/]*$")


@dataclass(frozen=True)
class Source:
    """Where weights lie.

    Attributes
    ----------
    kind : {"url", "hf_hub", "package", "file"}
    where : str
        URL, ``owner/repository`` or ``owner/repository@revision``, ``name==version``, or path.
    files : tuple of str
        Names to look for in the repository, the preferred first; the path within the package.
    sha256 : str
        First digits of the file's sha256, or all; empty if not known.
    """

    kind: str
    where: str
    files: tuple = ()
    sha256: str = ""

    def __str__(self):
        return {"hf_hub": "hf-hub:", "package": "package "}.get(self.kind, "") + self.where


def locate(card):
    """Find where the weights of a model lie, without network.

    Parameters
    ----------
    card : dict
        Model card. Its ``weights`` has exactly one of the keys ``timm`` (architecture.tag, which
        is kept in the repository ``timm/architecture.tag``), ``torchvision`` (member of a weights
        enum), ``hf_hub`` (repository, with ``file`` where it is not named as timm does),
        ``package`` (name==version, with ``file``), ``url`` or ``file`` (local), and may have
        ``sha256`` (all 64 digits; None if not known).

    Returns
    -------
    Source

    Raises
    ------
    NeedleError
        For no such weights, or a URL without a checksum: the key ``sha256`` may be left out only
        where the file's name carries its first digits, as torch.hub's do. A null says that nobody
        published one; the checkpoint then records what came.
    """
    weights = card["weights"]
    kinds = [kind for kind in LOCATE if kind in weights]
    # `file` is also the name of the file within a repository or a package.
    if kinds not in (*([kind] for kind in LOCATE), ["hf_hub", "file"], ["package", "file"]):
        raise NeedleError(
            f"model {card['name']}: weights: has {', '.join(kinds) or 'no source'}; give exactly "
            f"one of {', '.join(LOCATE)}"
        )
    return LOCATE[kinds[0]](card["name"], weights)


def _timm(model, weights):
    tag = weights["timm"]
    if "." not in tag:
        raise NeedleError(
            f"model {model}: weights.timm: {tag!r} does not name weights; give architecture.tag"
        )
    return Source("hf_hub", f"timm/{tag}", HUB_FILES, _digits(weights))


def _torchvision(model, weights):
    import torchvision  # takes seconds, and no other source needs it

    try:
        url = torchvision.models.get_weight(weights["torchvision"]).url
    except (ValueError, AttributeError, KeyError) as error:
        raise NeedleError(
            f"model {model}: weights.torchvision: torchvision {torchvision.__version__} has no "
            f"{weights['torchvision']!r}; give a name such as ResNet50_Weights.IMAGENET1K_V1"
        ) from error
    return Source("url", url, sha256=_digits(weights, url))


def _hf_hub(model, weights):
    files = (weights["file"],) if "file" in weights else HUB_FILES
    return Source("hf_hub", weights["hf_hub"], files, _digits(weights))


def _url(model, weights):
    url = weights["url"]
    digits = _digits(weights, url)
    if not digits and "sha256" not in weights:
        raise NeedleError(
            f"model {model}: weights.url: {url} comes without a checksum; give weights.sha256, "
            "as sha256sum prints it for a copy that you trust, or null to take what comes"
        )
    return Source("url", url, sha256=digits)


def _package(model, weights):
    if "file" not in weights:
        raise NeedleError(
            f"model {model}: weights.package: {weights['package']} holds several files; give the "
            "path within its wheel as weights.file"
        )
    digits = _digits(weights, weights["file"])
    if not digits and "sha256" not in weights:
        raise NeedleError(
            f"model {model}: weights.package: {weights['package']} comes without a checksum; give "
            "weights.sha256 of its file, or null to take what comes"
        )
    return Source("package", weights["package"], (weights["file"],), digits)


def _file(model, weights):
    return Source("file", weights["file"], sha256=_digits(weights))


LOCATE = {
    "timm": _timm,
    "torchvision": _torchvision,
    "hf_hub": _hf_hub,
    "package": _package,
    "url": _url,
    "file": _file,
}


def _digits(weights, url=""):
    """What is known of the sha256: the card's word, or the digits in the file's name."""
    in_name = HASH_IN_NAME.search(url)
    return weights.get("sha256") or (in_name[1] if in_name else "")


def check_digest(path, source):
    """Compute the sha256 of a file of weights and compare it with what is known of it.

    Parameters
    ----------
    path : path
    source : Source

    Returns
    -------
    str
        All 64 digits.

    Raises
    ------
    NeedleError
        If it is another file.
    """
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(source.sha256):
        raise NeedleError(
            f"{source}: its sha256 is {digest} and should begin with {source.sha256}; see whether "
            "its publisher has changed it, then correct weights.sha256 in the model card, or fetch "
            "it again (huggingface_hub and pip keep copies in their caches)"
        )
    return digest


def obtain(source, path, mirror=None):
    """Fetch or copy a file of weights and check its sha256.

    Parameters
    ----------
    source : Source
    path : path
        File to write.
    mirror : path or str, optional
        Folder or URL base that holds the file under the name of `path`; nothing else is
        contacted.

    Raises
    ------
    NeedleError
        Where the file cannot be had or is not the one that was meant.
    """
    if source.kind == "file":
        _copy(source.where, path)
    elif mirror is None and source.kind == "hf_hub":
        _copy(from_hub(source.where, source.files), path)
    elif mirror is None and source.kind == "package":
        from_package(source.where, *source.files, path)
    else:
        whole = f"sha256:{source.sha256}" if len(source.sha256) == 64 else None
        fetch(source.where, path, checksum=whole, mirror=mirror)
    try:
        check_digest(path, source)
    except NeedleError:
        Path(path).unlink()
        raise


def _copy(found, path):
    if not Path(found).is_file():
        raise NeedleError(f"{found}: no such file; correct weights.file in the model card")
    with atomic(path) as temporary:
        shutil.copyfile(found, temporary)
