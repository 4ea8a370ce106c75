"""The program behind `make explore`."""

import json
import os
import subprocess
import sys

import pytest

from explorer.drawn_store import store
from needle.store.writing import write_entry
from workflow import ROOT

PROGRAM = [sys.executable, ROOT / "workflow/scripts/explore.py"]


def explore(*arguments):
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True)


def test_it_lays_out_a_store_that_was_written(tmp_path):
    for entry in store():
        write_entry(entry, tmp_path / "store")
    page = tmp_path / "new/explorer.html"
    result = explore(tmp_path / "store", page)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"Explorer: {page}\n"
    assert "arXiv 1234.56789" in page.read_text(encoding="utf-8")


def test_no_store_is_an_error_in_one_line(tmp_path):
    result = explore(tmp_path, tmp_path / "page.html")
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {tmp_path}: is no store")
    assert not (tmp_path / "page.html").exists()


MAKES = "MAKEFLAGS", "MAKELEVEL", "MFLAGS"


def make(folder, *words):
    """Make with a Python that prints its arguments, as if it were not called by `make test`."""
    python = folder / "python"
    show = "-c 'import json, sys; print(json.dumps(sys.argv[1:]))'"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" {show} "$@"\n')
    python.chmod(0o755)
    environment = {name: each for name, each in os.environ.items() if name not in MAKES}
    ready = ["--silent", "--old-file", ".venv/.requirements", f"BIN={folder}"]
    return subprocess.run(
        ["make", *ready, *words], cwd=ROOT, capture_output=True, text=True, env=environment
    )


@pytest.mark.parametrize("store", ["my 'own' store", "-a $(b)", "写真/é"])
def test_make_hands_any_path_on_as_it_is(tmp_path, store):
    result = make(tmp_path, "explore", f"STORE={store.replace('$', '$$')}")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)[1:] == ["--", store, "results/explorer.html"]


def test_make_takes_a_store_to_fill_or_explore_only(tmp_path):
    result = make(tmp_path, "search", "STORE=other")
    assert result.returncode != 0
    assert "STORE is of store and explore only" in result.stderr
