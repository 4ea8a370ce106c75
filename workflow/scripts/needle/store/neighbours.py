"""New results beside what a store had on the same task, and of the same model."""

from dataclasses import replace

from needle.scores.protocols import FINETUNE, OWN
from needle.store.identity import hashes, same_as
from needle.store.reading import rows_of

LONGEST = 20  # lines


def neighbour_lines(fresh, entry, others):
    """Set new fine-tuning results beside known ones, so that one that is odd is seen.

    Parameters
    ----------
    fresh : DataFrame
        Rows of the entry that are new.
    entry : Entry
        Whose models and tasks are found in the others.
    others : list of Entry
        What the store had before.

    Returns
    -------
    list of str
        At most `LONGEST` results, and how many more there are.
    """
    points = _points(fresh)
    known = _known(entry, others)
    lines = [
        f"{task}, {model}{'' if protocol == OWN else f' ({protocol})'}: {value:.3f}"
        + _beside(known, model, task, protocol)
        for (task, model, protocol), value in points.iloc[:LONGEST].items()
    ]
    more = len(points) - LONGEST
    return [*lines, f"and {more} more"] if more > 0 else lines


def _points(rows):
    """Median accuracy over repeats, by task, model and protocol."""
    tuned = rows[rows["score"] == FINETUNE]
    return tuned.groupby(["task", "model", "protocol"], sort=False)["value"].median()


def _known(entry, others):
    """The points of other entries under the names of this one: task, model, entry, value."""
    if not others:
        return None
    tables = []
    for other in others:
        models = same_as(hashes(entry.models), hashes(other.models))
        tasks = same_as(hashes(entry.tasks), hashes(other.tasks))
        rows = other.rows[other.rows["task"].isin(list(tasks))]
        model = rows["model"].map(lambda name, found=models: found.get(name, (name,))[0])
        task = rows["task"].map(lambda name, found=tasks: found[name][0])
        tables.append(replace(other, rows=rows.assign(model=model, task=task)))
    table = rows_of(tables)
    tuned = table[table["score"] == FINETUNE]
    keys = ["task", "model", "entry", "protocol"]
    return tuned.groupby(keys, sort=False)["value"].median().reset_index()


def _beside(known, model, task, protocol):
    """What is known on the task under a protocol of this name, and of the model itself."""
    if known is None:
        return ""
    here = known[(known["task"] == task) & (known["protocol"] == protocol)]
    if here.empty:
        return "; the store had nothing like it on the task"
    values, same = here["value"], here[here["model"] == model]
    itself = "".join(f"; {row.entry} has {row.value:.3f} of it" for row in same.itertuples())
    return f"; on the task {len(here)} from {values.min():.3f} to {values.max():.3f}{itself}"
