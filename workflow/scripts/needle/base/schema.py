"""Reading and checking what the user writes: the run's config, model cards and task cards."""

from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from needle.base.errors import NeedleError


class _TwiceError(yaml.YAMLError):
    """A mapping has a key twice."""


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would take the last."""

    def compose_mapping_node(self, anchor):
        node, places = super().compose_mapping_node(anchor), {}
        for key, _ in node.value:
            name = (key.tag, key.value if isinstance(key.value, str) else id(key))
            line = key.start_mark.line + 1
            if name in places and key.tag != "tag:yaml.org,2002:merge":
                raise _TwiceError(
                    f"line {line}: the key {key.value!r} stands already in line {places[name]}; "
                    "remove one"
                )
            places[name] = line
        return node


def read_yaml(path):
    """Read a YAML file.

    Raises
    ------
    NeedleError
        If it is missing, not in UTF-8, malformed, or has a key twice.
    """
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        raise NeedleError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise NeedleError(f"{path}: not in UTF-8 ({error.reason}); save it as UTF-8") from error
    except _TwiceError as error:
        raise NeedleError(f"{path}: {error}") from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise NeedleError(f"{path}: not valid YAML ({reason})") from error


def check_keys(path):
    """Check that a file which Snakemake has read, as YAML or JSON, has no key twice.

    Raises
    ------
    NeedleError
    """
    try:
        yaml.compose(Path(path).read_text(encoding="utf-8"), _Loader)
    except _TwiceError as error:
        raise NeedleError(f"{path}: {error}") from error
    except yaml.YAMLError:
        pass  # JSON that is no YAML


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
