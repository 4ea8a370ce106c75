"""Reading and checking what the user writes: the run's config, model cards and task cards."""

from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from needle.base.errors import NeedleError


def read_yaml(path):
    """Read a YAML file; a missing or malformed one is a `NeedleError`."""
    try:
        return yaml.safe_load(Path(path).read_text())
    except OSError as error:
        raise NeedleError(f"{path}: cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise NeedleError(f"{path}: not valid YAML ({reason})") from error


def check(document, schema, where):
    """Check a document against a JSON schema.

    Parameters
    ----------
    document : dict
    schema : dict
    where : str
        What the document is, for the message.

    Raises
    ------
    NeedleError
        With the path of the wrong key and what is allowed there.
    """
    error = best_match(Draft202012Validator(schema).iter_errors(document))
    if error is not None:
        path = ".".join(str(key) for key in error.absolute_path) or "top level"
        raise NeedleError(f"{where}: {path}: {_complaint(error)}")


def _complaint(error):
    """Say what is wrong and what is allowed, in one line."""
    schema, value = error.schema, error.instance
    if error.validator == "not":
        return f"key {value!r} does not belong here: {schema['description']}"
    if error.validator == "additionalProperties":
        known = list(schema.get("properties", {})) or list(schema.get("patternProperties", {}))
        allowed = [name.strip("^$()").replace("|", ", ") for name in known]
        unknown = [key for key in value if key not in known]
        if "patternProperties" in schema:
            return f"{error.message.split(' do')[0]} is unknown; allowed: {', '.join(allowed)}"
        return (
            f"unknown key {', '.join(map(repr, unknown))}; "
            f"allowed: {', '.join(allowed) or 'no key at all'}"
        )
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in value]
        return f"missing key {', '.join(map(repr, missing))}"
    described = f" ({schema['description']})" if "description" in schema else ""
    return f"{value!r} is not allowed{described}; {_allowed(schema)}"


def _allowed(schema):
    words = {
        "type": "a value of type {}",
        "minimum": "at least {}",
        "maximum": "at most {}",
        "exclusiveMinimum": "above {}",
        "exclusiveMaximum": "below {}",
        "enum": "one of {}",
        "const": "exactly {}",
        "pattern": "text that matches {}",
        "minItems": "at least {} entries",
        "maxItems": "at most {} entries",
        "minProperties": "at least {} keys",
        "uniqueItems": "no entry twice",
    }
    if "oneOf" in schema:
        return "allowed: " + ", or ".join(_keys(option) for option in schema["oneOf"])
    parts = [text.format(schema[key]) for key, text in words.items() if key in schema]
    return "allowed: " + ", ".join(parts)


def _keys(option):
    kind = option["properties"]["kind"]["const"]
    return f"kind {kind} with exactly the keys {', '.join(option['required'])}"


def read_cards(path, schema, key, names=None):
    """Read a file of cards and check it.

    Parameters
    ----------
    path : path
        YAML file whose `key` holds a list of cards, each with a ``name``.
    schema : dict
        JSON schema of the file.
    key : {"models", "tasks"}
    names : list of str, optional
        The cards to use, in this order; all in the file's order if not given.

    Returns
    -------
    tuple of dict
        What the file says of all its cards, and the cards by name.

    Raises
    ------
    NeedleError
        For a file that breaks the schema, a name used twice or not in the file.
    """
    document = read_yaml(path)
    check(document, schema, str(path))
    cards = {}
    for card in document.pop(key):
        if card["name"] in cards:
            raise NeedleError(f"{path}: {key}: the name {card['name']!r} is used twice; rename one")
        cards[card["name"]] = card
    for name in names or []:
        if name not in cards:
            raise NeedleError(
                f"config: {key}: no card {name!r} in {path}; it has {', '.join(cards)}"
            )
        if names.count(name) > 1:
            raise NeedleError(f"config: {key}: the name {name!r} is listed twice; remove one")
    return document, {name: cards[name] for name in names or cards}


def check_deltas(deltas, strategies):
    """Check that the compared strategies exist; a `NeedleError` names one that does not."""
    for position, delta in enumerate(deltas):
        for side in ("first", "second"):
            if delta[side] not in strategies:
                raise NeedleError(
                    f"config: deltas.{position}.{side}: no strategy {delta[side]!r}; "
                    f"allowed: {', '.join(strategies)}"
                )


def check_shown(shown, strategies):
    """Check that the strategies of the figures exist; a `NeedleError` names one that does not."""
    for position, name in enumerate(shown):
        if name not in strategies:
            raise NeedleError(
                f"config: shown.{position}: no strategy {name!r}; allowed: {', '.join(strategies)}"
            )


def choose_sources(source, config):
    """Choose where each task comes from: the preferred source that its card names.

    Parameters
    ----------
    source : tuple of dict
        What `read_cards` gives for the tasks.
    config : dict
        Its ``task_sources`` names the sources of real tasks, the preferred first.

    Returns
    -------
    dict of str to str
        By task: ``mini``, ``raw``, ``vtab1k_folder`` or ``imagefolder``.

    Raises
    ------
    NeedleError
        For a task without such a source, or a source that the config does not locate.
    """
    document, cards = source
    if document["source"] == "mini":
        return dict.fromkeys(cards, "mini")
    preferred = config.get("task_sources", ["raw", "vtab1k_folder", "imagefolder"])
    chosen = {}
    for task, card in cards.items():
        named = [kind for kind in preferred if kind in card]
        if not named:
            raise NeedleError(
                f"config: task_sources: {task} has none of {', '.join(preferred)}; name another "
                "source, or leave the task out of tasks"
            )
        chosen[task] = named[0]
        if named[0] == "vtab1k_folder" and "vtab1k_folder" not in config:
            raise NeedleError(
                f"config: vtab1k_folder: {task} comes from the community's folder; say where it "
                "is, or leave the task out of tasks"
            )
    return chosen
