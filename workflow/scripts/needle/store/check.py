"""What every entry of a store must meet, whoever wrote it."""

import numpy as np

from needle.base.errors import NeedleError
from needle.scores.protocols import FINETUNE, OWN
from needle.store import layout


def check_entry(entry, place):
    """Check the values of an entry against one another and its cards.

    Parameters
    ----------
    entry : Entry
    place : callable
        ``place(row)`` says where a row stands, for the message.

    Raises
    ------
    NeedleError
        For a value whose model, task or protocol has no card, that stands twice, is not finite or
        outside its unit, or is of a model that saw the task; for a proxy of a further protocol.
    """
    rows = entry.rows

    def refuse(wrong, reason):
        if wrong.any():
            row = rows[wrong].iloc[0]
            more = f" ({wrong.sum()} such values)" if wrong.sum() > 1 else ""
            raise NeedleError(f"{place(row)}: {reason(row)}{more}")

    cards = {"model": entry.models, "task": entry.tasks, "protocol": entry.protocols}
    for kind, known in cards.items():
        refuse(
            ~rows[kind].isin(list(known)),
            lambda row, kind=kind: (
                f"the {kind} {row[kind]} has no card {kind}s/{layout.to_path(row[kind])}.yaml; add "
                "it, or remove the values"
            ),
        )
    refuse(
        rows.duplicated(layout.ROW),
        lambda row: f"{_value(row)}, but stands there already; remove one of them",
    )
    refuse(
        ~np.isfinite(rows["value"]),
        lambda row: f"{_value(row)}, no finite number; remove it",
    )
    fraction = rows["score"].isin([FINETUNE, *entry.run["accuracies"]])
    refuse(
        fraction & ((rows["value"] < 0) | (rows["value"] > 1)),
        lambda row: f"{_value(row)}; accuracies are fractions between 0 and 1: mend it",
    )
    refuse(
        (rows["protocol"] != OWN) & (rows["score"] != FINETUNE),
        lambda row: f"{row['score']}: only {FINETUNE} stands there; move it to {OWN}.csv",
    )
    saw = {name: card["contaminated_tasks"] for name, card in entry.models.items()}
    pairs = zip(rows["model"], rows["task"], strict=True)
    refuse(
        np.array([task in saw[model] for model, task in pairs], bool),
        lambda row: (
            f"{row['model']} has seen {row['task']} (contaminated_tasks), so that its results "
            "there say nothing; remove them"
        ),
    )


def _value(row):
    repeat = f" (repeat {row['repeat']})" if row["repeat"] else ""
    return f"{row['score']}{repeat} of {row['model']} on {row['task']} is {row['value']:g}"
