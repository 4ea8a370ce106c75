"""Arguments of rules come through: none vanishes, and no text of the user's is formatted.

Snakemake's `:q` leaves nothing of an empty value, and takes braces in a text for wildcards.
"""

import argparse
import ast
import importlib.util
import re
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"
# How expressions begin that cannot give an empty text.
FILLED = re.compile(
    r"(lambda [^:]*: )?(json\.dumps|Path|code|expand|report|update|directory|figure"
    r"|checkpoints[.\w]+)\("
    r"|(lambda [^:]*: )?FILES\[|f?['\"]|rules\.\w+\.output|[A-Z_]+$|task_file$|ranking$|[a-z]+_of$"
)
# Names of these expressions' kind that may be empty all the same.
MAYBE_EMPTY = {"MIRROR"}


# What holds text of the user's.
OWN_TEXT = re.compile(
    r"json\.dumps|FILES|MIRROR|\bSTORES\b|config\['data'\]|'label'|'seen'|'where'"
)


class _ParserBuiltError(Exception):
    pass


def rules():
    """The text of every rule and checkpoint of all kinds of runs."""
    for file in sorted((ROOT / "rules").glob("*.smk")):
        parts = re.split(r"^ *(?:rule|checkpoint) (\w+):\n", file.read_text(), flags=re.M)
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if "shell:" in text:
                yield pytest.param(text, id=f"{file.stem}-{name}")


def section(text, name):
    """The lines of a section of a rule."""
    found = re.search(rf"^( +){name}:\n((?:\1 +.*\n|\n)+)", text, re.M)
    return textwrap.dedent(found[2]) if found else ""


def definition(text, where, key):
    """What a rule says of one of its inputs, outputs or parameters; its only one without a key."""
    call = ast.parse(f"f(\n{section(text, where)})", mode="eval").body
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    return ast.unparse(named[key] if key else call.args[0])


def single_valued(program, monkeypatch):
    """Names of a program's arguments that must be followed by exactly one value."""

    def stop(parser, *args):
        actions = [action for action in parser._actions if action.nargs is None]
        raise _ParserBuiltError({name for action in actions for name in action.option_strings})

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", stop)
    spec = importlib.util.spec_from_file_location("program", SCRIPTS / program)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(_ParserBuiltError) as caught:
        module.main()
    return caught.value.args[0]


@pytest.mark.parametrize("text", list(rules()))
def test_an_argument_that_may_be_empty_is_tied_to_its_name(text, monkeypatch):
    command = ast.literal_eval(f"({section(text, 'shell')})")
    program = re.search(r'code\(\s*"(\w+\.py)"', text)[1]
    single = single_valued(program, monkeypatch)
    with_blank = re.findall(r"(--[\w-]+) \{(input|output|params)(?:\.(\w+))?:q\}", command)
    for name, where, key in with_blank:
        if name in single:
            value = definition(text, where, key)
            filled = bool(FILLED.match(value)) and value not in MAYBE_EMPTY and "[]" not in value
            assert filled, f"{program}: {name} may be empty ({value}): write {name}={{...:q}}"


@pytest.mark.parametrize("text", list(rules()))
def test_text_of_the_users_is_no_pattern(text):
    for name in ("input", "params"):
        call = ast.parse(f"f(\n{section(text, name)})", mode="eval").body
        for keyword in call.keywords:
            value = ast.unparse(keyword.value)
            if OWN_TEXT.search(value):
                assert value.startswith("lambda"), f"{keyword.arg} is formatted: {value}"
                # Even of a function's, since they are paths.
                assert name == "params" or "FILES" not in value
