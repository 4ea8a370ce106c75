"""The files of protocols that a config names: those of config/protocol/, or the user's own."""

from pathlib import Path

from needle.base.errors import NeedleError
from needle.base.schema import read_yaml
from needle.run.named_files import find_file

PROTOCOLS = {"protocol": "finetune", "protocol_on_processor": "finetune_on_processor"}
FOLDER = "config/protocol"


def with_protocols(config, folder):
    """Put the protocols that a config names where the config would have them itself.

    Parameters
    ----------
    config : dict
        Not checked yet. ``protocol`` names that of ``finetune``, whose own keys go over those of
        the file; ``protocol_on_processor`` likewise that of ``finetune_on_processor``.
    folder : path
        Needle's, as the working directory sees it.

    Returns
    -------
    dict
        With ``image_size``, that says the size for all models: ``pixels`` of a file is left out.
        Of ``protocols``, the further ones of a benchmark, the paths of the files.

    Raises
    ------
    NeedleError
        If there is no such file, or it is no protocol.
    """
    found = dict(config)
    for name, key in PROTOCOLS.items():
        own = config.get(key, {})
        if name in config and isinstance(own, dict):
            protocol = read_protocol(config[name], folder, name)
            if "image_size" in config:
                protocol.pop("pixels", None)
            found[key] = protocol | own
    if isinstance(names := config.get("protocols"), list):
        found["protocols"] = [find_protocol(name, folder, "protocols") for name in names]
    return found


def read_protocol(name, folder, key="protocol"):
    """Read the file of a protocol.

    Parameters
    ----------
    name : str
        Such as ``modern``, of those that come with Needle, or the path of a YAML file.
    folder : path
        Needle's, as the working directory sees it.
    key : str, optional
        Of the config, for the message.

    Returns
    -------
    dict
        As the config's ``finetune``; not checked yet.

    Raises
    ------
    NeedleError
        If there is no such file, or it is no protocol.
    """
    path = find_protocol(name, folder, key)
    protocol = read_yaml(path)
    if not isinstance(protocol, dict):
        raise NeedleError(f"{path}: has no keys; see config/README.md for those of a protocol")
    return protocol


def find_protocol(name, folder, key="protocol"):
    """Find the file of a protocol, a str; parameters as in `read_protocol`.

    Raises
    ------
    NeedleError
        If none that comes with Needle has the name.
    """
    path = str(name)
    if not path.endswith((".yaml", ".yml")):
        path = Path(folder, FOLDER, f"{name}.yaml")
        if not path.exists():
            known = sorted(file.stem for file in path.parent.glob("*.yaml"))
            raise NeedleError(
                f"config: {key}: no protocol {name!r}; name one of {', '.join(known)}, or the path "
                "of a YAML file"
            )
    return find_file(str(path), folder)
