"""Further protocols of fine-tuning: each a file, named in the config, beside the run's own."""

from pathlib import Path

from needle.base.errors import NeedleError
from needle.base.schema import check, read_yaml
from needle.scores.protocols import NAMES, is_name


def read_protocols(paths, schema, repeats):
    """Read the protocols that a benchmark fine-tunes by besides its own.

    Parameters
    ----------
    paths : list of path
        YAML files, each a mapping with the keys of ``finetune``.
    schema : dict
        JSON schema of the config.
    repeats : int
        Of the run's own protocol.

    Returns
    -------
    dict of str to dict
        By name, which is that of the file. All are repeated as often as the run's own, with the
        same seeds; ``pixels`` is left out, since a benchmark has one size for all models.

    Raises
    ------
    NeedleError
        For a file that breaks the schema, a name that is none or used twice, and ``partial``,
        whose scores belong to the run's own protocol.
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
        kept = {key: value for key, value in protocol.items() if key != "pixels"}
        protocols[name] = kept | {"repeats": repeats}
    return protocols
