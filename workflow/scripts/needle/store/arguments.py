"""The arguments of programs whose strategies learn from stores, and what they read by them."""

from pathlib import Path

from needle.base.errors import NeedleError
from needle.base.tensors import read_card
from needle.store.reading import read_store
from needle.store.recall import recall


def add_arguments(parser):
    """Add the arguments that `read_known` reads."""
    parser.add_argument("--stores", nargs="*", default=[], help="folders of stores")
    parser.add_argument("--run-name", default="", help="whose own entry is left out")
    parser.add_argument(
        "--embeddings",
        type=Path,
        nargs="?",
        help="folder, whose cards say what models and tasks are",
    )
    parser.add_argument("--task-embeddings", nargs="*", default=[], help="files, one a task")
    parser.add_argument(
        "--hidden", action="append", default=[], help="a task that may be the one at hand"
    )


def read_known(args, models, tasks):
    """Read what the stores know of a pool.

    Parameters
    ----------
    args : Namespace
    models, tasks : iterable of str
        Of the run.

    Returns
    -------
    tuple
        As `recall` gives it.

    Raises
    ------
    NeedleError
        If a store cannot be read, or two have an entry of one name.
    """
    entries = {}
    for folder in args.stores:
        for entry in read_store(folder):
            if entry.name in entries:
                raise NeedleError(
                    f"{folder}: another store of the config has an entry {entry.name} too; rename "
                    "the folder of one, or remove it if they are the same"
                )
            entries[entry.name] = entry
    entries.pop(args.run_name, None)
    if not entries:
        return [], {}
    weights, contents = identities(args.embeddings, models, tasks)
    probes = {read_card(path)["probe"] for path in args.task_embeddings}
    return recall(list(entries.values()), weights, contents, args.hidden, probes)


def identities(folder, models, tasks):
    """Read the hashes of a run's models and tasks from the cards of its embeddings.

    Parameters
    ----------
    folder : pathlib.Path or None
        With a file ``{task}/{model}.safetensors`` for each pair that was run.
    models, tasks : iterable of str

    Returns
    -------
    tuple of dict
        By model and by task; None where nothing says it.
    """
    models, tasks = list(models), list(tasks)

    def card(pairs):
        paths = (folder / task / f"{model}.safetensors" for task, model in pairs)
        return next((read_card(path) for path in paths if path.exists()), {})

    if folder is None:
        return dict.fromkeys(models), dict.fromkeys(tasks)
    weights = {m: card((t, m) for t in tasks).get("weights_sha256") for m in models}
    contents = {t: card((t, m) for m in models).get("task_sha256") for t in tasks}
    return weights, contents
