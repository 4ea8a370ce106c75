"""Further protocols of fine-tuning: each a file, named in the config, beside the run's own."""

from pathlib import Path

from needle.base.errors import NeedleError
from needle.base.schema import check, read_yaml
from needle.scores.protocols import NAMES, is_name


def read_protocols(paths, schema, image_size):
    """Read the protocols that a benchmark fine-tunes by besides its own.

    Parameters
    ----------
    paths : list of path
        YAML files, each a mapping with the keys of ``finetune``.
    schema : dict
        JSON schema of the config.
    image_size : int
        Pixels a side of all images of the benchmark.

    Returns
    -------
    dict of str to dict
        By name, which is that of the file.

    Raises
    ------
    NeedleError
        For a file that breaks the schema, a name that is none or used twice, ``pixels`` below the
        size of the images, and ``partial``, whose scores belong to the run's own protocol.
    """
    protocols = {}
    for path in paths:
        name = Path(path).stem
        if not is_name(name):
            raise NeedleError(
                f"config: protocols: {path}: the name of a file is {NAMES}; rename it"
            )
        if name in protocols:
            raise NeedleError(f"config: protocols: {name!r} is named twice; remove or rename one")
        protocol = read_yaml(path)
        check(protocol, {"$defs": schema["$defs"]} | schema["properties"]["finetune"], str(path))
        if "partial" in protocol:
            raise NeedleError(
                f"{path}: partial: only the run's own protocol is measured on the way, for the "
                "strategy halving; remove it"
            )
        if protocol.get("pixels", image_size) < image_size:
            raise NeedleError(
                f"{path}: pixels: image_size in the config is {image_size} for all models and "
                "protocols; remove it, or make it no smaller"
            )
        protocols[name] = protocol
    return protocols
