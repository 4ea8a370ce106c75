"""What the YAML files of a store say, as JSON schemas, and the hash of a protocol."""

import hashlib
import json

import pandas as pd

from needle.scores.columns import LIST_COLUMNS, MODEL_COLUMNS
from needle.scores.finished import NUMBERS

# What models.csv says of a model, its name aside: that is the name of the file.
ABOUT_MODEL = MODEL_COLUMNS[1:]

_SHA256 = {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$", "description": "a sha256"}
_TEXT = {"type": ["string", "null"]}
_NUMBER = {"type": ["number", "null"]}
_LIST = {"type": "array", "items": {"type": "string"}}


def _exactly(properties):
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def _column(name):
    return _LIST if name in LIST_COLUMNS else _NUMBER if name in NUMBERS else _TEXT


RUN_SCHEMA = _exactly(
    {
        "run": {"type": "string"},
        "kind": {"enum": ["own", "published"]},
        "source": _TEXT,
        "license": _TEXT,
        "accuracies": _LIST,
        "proxies": {"type": "object"},
        "machines": {"type": "array", "items": {"type": "object"}},
    }
)
MODEL_SCHEMA = _exactly(
    {
        "sha256": _SHA256,
        "origin": {"type": ["object", "null"]},
        **{name: _column(name) for name in ABOUT_MODEL},
    }
)
TASK_SCHEMA = _exactly(
    {
        "sha256": _SHA256,
        "label": {"type": "string"},
        "group": {"type": "string"},
        "classes": _LIST,
        "examples": {"type": "object", "additionalProperties": {"type": "integer"}},
    }
)
PROTOCOL_SCHEMA = _exactly({"sha256": _SHA256, "keys": {"type": "object"}})


def protocol_card(keys):
    """Make the card of a protocol; of none whose keys are not known, the hash is None.

    Parameters
    ----------
    keys : dict
        As a config's ``finetune``.

    Examples
    --------
    >>> protocol_card({"steps": 2, "repeats": 1}) == protocol_card({"repeats": 1, "steps": 2})
    True
    >>> protocol_card({})
    {'sha256': None, 'keys': {}}
    """
    text = json.dumps(keys, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest() if keys else None
    return {"sha256": digest, "keys": keys}


def model_table(cards):
    """Lay out the cards of an entry's models as `score_table.read_models` gives those of a run.

    Parameters
    ----------
    cards : dict of str to dict

    Returns
    -------
    DataFrame
        Columns of models.csv, by model; missing numbers are NaN.
    """
    rows = [{column: card.get(column) for column in MODEL_COLUMNS} for card in cards.values()]
    table = pd.DataFrame(rows, columns=MODEL_COLUMNS).assign(model=list(cards))
    return table.astype(dict.fromkeys(NUMBERS, float)).set_index("model", drop=False)
