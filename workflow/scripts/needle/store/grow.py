"""Adding what a run has found since to its entry; what contradicts it is refused."""

from dataclasses import replace

import pandas as pd

from needle.base.errors import NeedleError
from needle.store.layout import ROW

_REMEDY = "give the run an entry of its own (AS=name), or remove the folder to replace it"


def grow(former, entry, where):
    """Put the results of a run to those that the store has of it.

    Parameters
    ----------
    former : Entry
        As the store has it.
    entry : Entry
        Of the same name, made of the run as it is now.
    where : path
        Folder of the entry, for the message.

    Returns
    -------
    entry : Entry
        With all rows and cards of both; of two cards the run's, which may say more.
    fresh : DataFrame
        The rows that are new.

    Raises
    ------
    NeedleError
        If a value differs, or weights, a task, a protocol or the settings of a proxy do, so that
        the values are of something else.
    """
    _refuse_others(former, entry, where)
    both = former.rows.merge(entry.rows, on=ROW, suffixes=("", "_now"))
    changed = both[both["value"] != both["value_now"]]
    if len(changed):
        row = changed.iloc[0]
        raise NeedleError(
            f"{where}: {row['score']} (repeat {row['repeat']}) of {row['model']} on {row['task']} "
            f"is {row['value']}, but {row['value_now']} now, one of {len(changed)} values that "
            f"differ; {_REMEDY}"
        )
    keys = pd.MultiIndex.from_frame(entry.rows[ROW])
    fresh = entry.rows[~keys.isin(pd.MultiIndex.from_frame(former.rows[ROW]))]
    run = entry.run | {
        "accuracies": sorted({*former.run["accuracies"], *entry.run["accuracies"]}),
        "proxies": former.run["proxies"] | entry.run["proxies"],
        "machines": _union(former.run["machines"], entry.run["machines"]),
    }
    grown = replace(
        entry,
        run=run,
        models=former.models | entry.models,
        tasks=former.tasks | entry.tasks,
        protocols=former.protocols | entry.protocols,
        rows=pd.concat([former.rows, fresh], ignore_index=True),
        task_embeddings=former.task_embeddings | entry.task_embeddings,
    )
    return grown, fresh.reset_index(drop=True)


def is_same(former, entry):
    """Tell whether an entry that has grown says no more than before, its new rows aside."""
    named = ("run", "models", "tasks", "protocols")
    known = former.task_embeddings.keys() == entry.task_embeddings.keys()
    return known and all(getattr(former, name) == getattr(entry, name) for name in named)


def _refuse_others(former, entry, where):
    """Refuse what has the name of something that the entry has, and is not it."""
    hashed = {
        "the model {} has other weights": (former.models, entry.models),
        "the task {} has other images or labels": (former.tasks, entry.tasks),
        "the protocol {} has other keys": (former.protocols, entry.protocols),
    }
    for said, (before, now) in hashed.items():
        for name in before.keys() & now.keys():
            digests = {before[name]["sha256"], now[name]["sha256"]} - {None}
            if len(digests) > 1:
                raise NeedleError(f"{where}: {said.format(name)} there than in the run; {_REMEDY}")
    before, now = former.run["proxies"], entry.run["proxies"]
    for name in before.keys() & now.keys():
        if before[name] != now[name]:
            raise NeedleError(
                f"{where}: the proxy {name} has other settings there than in the run; {_REMEDY}"
            )


def _union(first, second):
    return first + [one for one in second if one not in first]
