"""What the folder of a run was made of, so that no other run writes into it."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from needle.base.errors import NeedleError
from needle.base.files import atomic
from needle.base.schema import read_yaml

FILE = "run.json"
KINDS = {
    "benchmark": "a benchmark",
    "finished": "an analysis of finished scores",
    "images": "a recommendation for images",
    "features": "a recommendation from embeddings",
}


@dataclass(frozen=True)
class Origin:
    """What a run is made of.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    data : str
        Path of the data or of the finished scores; "" for a benchmark, or if it is not known.
    state : str
        What tells that data elsewhere is the same; "" if nothing does.
    """

    kind: str
    data: str = ""
    state: str = ""


def check_origin(results, origin):
    """Check that a folder of results is not of another run.

    Parameters
    ----------
    results : path
        It need not be there.
    origin : Origin
        Of the run that is to write there.

    Raises
    ------
    NeedleError
        If it is of another kind of run, or of other data: neither the same path, which may have
        changed since, nor the same files elsewhere.
    """
    made = _read(Path(results))
    if made is None or (made.kind == origin.kind and _same_data(made, origin)):
        return
    of = f" ({made.data})" if made.data else ""
    moved = ""
    if made.kind == origin.kind:
        moved = f"; if it is the same data, only moved, correct its path in {results}/{FILE}"
    raise NeedleError(
        f"{results} has the results of {KINDS[made.kind]}{of}; give this run another name (the key "
        f"`run`, --config run=NAME, or RUN=NAME with make), or remove {results}{moved}"
    )


def write_origin(results, origin):
    """Note what a folder of results is made of."""
    path = Path(results, FILE)
    text = json.dumps(asdict(origin), indent=2, ensure_ascii=False) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with atomic(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


def _same_data(made, origin):
    if not made.data or os.path.realpath(made.data) == os.path.realpath(origin.data):
        return True
    return made.state != "" and made.state == origin.state


def _read(results):
    """Read what a folder was made of; None if it holds nothing of a run."""
    path = results / FILE
    if not path.exists():
        return _guess(results)
    try:
        return Origin(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError) as error:
        raise NeedleError(f"{path}: cannot be read ({error}); remove {results}") from None


def _guess(results):
    """Tell from its files what a folder of before 1.1, which had no note, was made of."""
    if (results / "recommendation").is_dir() or (results / "data").is_dir():
        kind = "images" if any(results.glob("data/task*")) else "features"
        config = results / "recommendation/config.yaml"
        return Origin(kind, read_yaml(config)["data"] if config.exists() else "")
    trained = ("embeddings", "proxies", "finetune", "seconds.csv")
    if any((results / name).exists() for name in trained):
        return Origin("benchmark")
    return Origin("finished") if (results / "scores.csv").exists() else None
