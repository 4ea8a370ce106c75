"""The page as a file: nothing from outside, and scripts that fit together."""

import re

import pytest

from explorer.drawn_store import store
from needle.base.errors import NeedleError
from needle.explorer import page
from needle.explorer.contents import contents_of
from read_page import Page

SCRIPTS = {
    f"explorer/{file.relative_to(page.SCRIPTS).with_suffix('').as_posix()}": file.read_text()
    for file in page.SCRIPTS.rglob("*.js")
}
IMPORT = re.compile(r"^import (?:\{([^}]*)\}|\* as (\w+)|(\w+)) from \"([\w/]+)\";$", re.M)
EXPORT = re.compile(r"^export (?:const|function|let) (?:\{([^}]*)\}|(\w+))", re.M)


@pytest.fixture(scope="module")
def html():
    return page.explorer_page(contents_of(store(), 50, 0.9, 0), "a/store")


def names(text):
    return {name.strip() for name in text.split(",") if name.strip()}


def test_nothing_is_from_outside_and_all_elements_are_closed(html):
    assert [link for link in Page(html).links if not link.startswith("data:")] == []


def test_no_name_ends_the_data_early(html):
    assert "</script><b>" not in html
    assert html.count("</script>") == 3


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_scripts_import_what_others_export(name):
    """There is no bundler that would tell."""
    found = IMPORT.findall(SCRIPTS[name])
    assert len(found) == SCRIPTS[name].count("\nimport ") + SCRIPTS[name].startswith("import ")
    body = IMPORT.sub("", SCRIPTS[name])
    imported = set()
    for some, whole, default, module in found:
        imported |= names(some) or {whole or default}
        if module == page.TABLES:
            continue
        exported = set()
        for several, single in EXPORT.findall(SCRIPTS[module]):
            exported |= names(several) or {single}
        assert names(some) <= exported
        if whole:
            asked = set(re.findall(rf"\b{whole}\.(\w+)\(", body))
            assert asked <= exported
    assert [each for each in imported if not re.search(rf"(?<!\w){each}(?!\w)", body)] == []


def test_without_itables_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setattr(page.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NeedleError, match=r"itables.*make setup"):
        page.table_files()
