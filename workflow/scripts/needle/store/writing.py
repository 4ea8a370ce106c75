"""Writing an entry: all of its folder, or nothing."""

from pathlib import Path

import yaml

from needle.base.files import temporary_folder
from needle.store import layout


def write_entry(entry, store):
    """Write the folder of an entry, in place of one of its name.

    The new folder is whole before the former one is moved away. Numbers are written so that reading
    gives the same float.

    Parameters
    ----------
    entry : Entry
    store : path
        Made if it is not there.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    target = Path(store, entry.name)
    with temporary_folder(target) as aside:
        made = aside / "new"
        _write_card(made / layout.RUN, entry.run)
        cards = {
            layout.MODELS: entry.models,
            layout.TASKS: entry.tasks,
            layout.PROTOCOLS: entry.protocols,
        }
        for folder, named in cards.items():
            for name, card in named.items():
                _write_card(made / folder / f"{layout.to_path(name)}.yaml", card)
        for task, (probe, vector) in entry.task_embeddings.items():
            path = made / layout.TASKS / f"{layout.to_path(task)}{layout.TASK2VEC}"
            lines = [probe, *(repr(float(number)) for number in vector)]
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for (model, task, protocol), rows in entry.rows.groupby(["model", "task", "protocol"]):
            path = made / layout.results_path(model, task, protocol)
            path.parent.mkdir(parents=True, exist_ok=True)
            rows[layout.VALUE_COLUMNS].to_csv(path, index=False, lineterminator="\n")
        if target.exists():
            target.rename(aside / "former")
        made.rename(target)
    return target


def _write_card(path, card):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(
        card, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )
    path.write_text(text, encoding="utf-8")
