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
