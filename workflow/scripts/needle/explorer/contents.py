"""What the explorer's page shows: lists that JSON can hold, rounded for a reader."""

import math

from needle.explorer.regrets import regrets_of
from needle.explorer.results import KEY, result_table
from needle.scores.known import is_proxy
from needle.store.reading import rows_of
from needle.strategies.labels import strategy_label
from needle.strategies.registry import RANDOM, strategies

DIGITS = 6  # of a number on the page; the store keeps all
MOST = 20  # budgets that are shown
MODEL_KEYS = [
    "architecture",
    "family",
    "params",
    "embedding_dim",
    "reference_accuracy",
    "upstream_dataset",
    "upstream_examples",
    "tags",
    "license",
    "contaminated_tasks",
    "sha256",
    "origin",
]
REGRET_KEYS = ["mean_relative_regret", "low", "high", "ranked"]


def contents_of(entries, resamples, level, seed):
    """Gather what the page shows.

    Parameters
    ----------
    entries : list of Entry
        Of a store.
    resamples, level, seed : int, float, int
        Of the bootstraps: over the repeats of an accuracy, over tasks for a regret.

    Returns
    -------
    dict
        ``level``; ``entries``; ``protocols``, ``models`` and ``tasks``, each once: those of two
        entries are the same where their hashes are, and an ``id`` is that of the first entry;
        ``results``, a list for each column of `result_table`, where protocol, task and model are
        positions in those lists; ``regrets``, by entry and protocol.
    """
    named = {kind: identities(entries, kind) for kind in ("protocols", "tasks", "models")}
    rows = rows_of(entries)
    for column, kind in zip(KEY, named, strict=True):
        places = named[kind][1]
        rows[column] = [places[key] for key in zip(rows["entry"], rows[column], strict=True)]
    results = result_table(rows, resamples, level, seed)
    return {
        "level": level,
        "entries": [_entry(entry) for entry in entries],
        "protocols": [_protocol(*each) for each in named["protocols"][0]],
        "tasks": [_task(*each) for each in named["tasks"][0]],
        "models": [_model(*each) for each in named["models"][0]],
        "results": {name: plain(values.tolist()) for name, values in results.items()},
        "regrets": [
            found
            for entry in entries
            for protocol in entry.protocols
            if (found := _regret(entry, protocol, resamples, level, seed))
        ],
    }


def identities(entries, kind):
    """Find what is the same in several entries: where the hashes are equal, never by name alone.

    Parameters
    ----------
    entries : list of Entry
    kind : {"models", "tasks", "protocols"}

    Returns
    -------
    things : list of tuple of str, str, dict and list of Entry
        The name in the first entry that has it, the id, the card, and the entries that have it.
    places : dict of tuple to int
        By entry and name: the position among the things.
    """
    things, places, known = [], {}, {}
    for entry in entries:
        for name, card in getattr(entry, kind).items():
            key = card["sha256"] or (entry.name, name)
            if key not in known:
                known[key] = len(things)
                things.append((name, f"{entry.name}/{name}", card, []))
            places[entry.name, name] = known[key]
            things[known[key]][3].append(entry)
    return things, places


def plain(value):
    """Round the numbers of nested lists and dicts; one that is missing or not finite is None.

    Examples
    --------
    >>> plain({"a": [0.12345678, float("nan"), 3], "b": "x"})
    {'a': [0.123457, None, 3], 'b': 'x'}
    """
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    return value


def _entry(entry):
    run = entry.run
    return {"name": entry.name} | {key: run[key] for key in ("kind", "source", "license")}


def _thing(name, identity, entries):
    return {"name": name, "id": identity, "entries": [entry.name for entry in entries]}


def _protocol(name, identity, card, entries):
    return _thing(name, identity, entries) | {"kind": entries[0].kind, "keys": card["keys"]}


def _task(name, identity, card, entries):
    about = {"label": card["label"], "group": card["group"], "classes": len(card["classes"])}
    return _thing(name, identity, entries) | about | {"examples": card["examples"]}


def _model(name, identity, card, entries):
    return _thing(name, identity, entries) | plain({key: card[key] for key in MODEL_KEYS})


def _regret(entry, protocol, resamples, level, seed):
    """One run under one protocol: a list over budgets for each strategy."""
    table = regrets_of(entry, protocol, resamples, level, seed)
    if table is None:
        return None
    table = table[table["budget"] <= MOST]
    known = strategies(filter(is_proxy, entry.rows["score"].unique()))
    return {
        "entry": entry.name,
        "protocol": protocol,
        "tasks": int(table["tasks"].max()),
        "strategies": [
            {
                "name": name,
                "label": strategy_label(name),
                "kind": _kind(known.get(name)),
                **{key: plain(mine[key].tolist()) for key in REGRET_KEYS},
            }
            for name, mine in table.groupby("strategy", sort=False)
        ],
    }


def _kind(strategy):
    """What a reader must know of a strategy: that nobody can follow it, or what it costs."""
    if strategy is None:  # it has no file: see the registry
        return RANDOM
    return "oracle" if strategy.is_oracle else "halving" if strategy.halves else ""
