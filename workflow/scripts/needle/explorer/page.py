"""The explorer as one page that needs nothing else: scripts, styles and data are in it."""

import importlib.metadata
import importlib.util
import json
from pathlib import Path

from markupsafe import Markup

from needle.base.errors import NeedleError
from needle.pages.template import FOLDER, data_uri, render

SCRIPTS = FOLDER / "explorer"
TABLES = "datatables"  # what the scripts call it


def explorer_page(contents, store):
    """Lay out the explorer.

    Each script is a module in a data address, and an import map says which: so the page is one file
    and every script stays whole. Tables are sorted and paged by DataTables, which the package
    itables ships.

    Parameters
    ----------
    contents : dict
        As `contents.contents_of` gives it.
    store : str
        What a reader calls the store.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    NeedleError
        If itables is not installed.
    """
    bundle = table_files()
    modules = {TABLES: bundle / "dt_bundle.js"} | {
        f"explorer/{file.relative_to(SCRIPTS).with_suffix('').as_posix()}": file
        for file in sorted(SCRIPTS.rglob("*.js"))
    }
    addresses = {
        name: data_uri("text/javascript", file.read_bytes()) for name, file in modules.items()
    }
    content = {
        "store": store,
        "contents": contents,
        "modules": {"imports": addresses},
        "style": (SCRIPTS / "style.css").read_text(encoding="utf-8"),
        "table_style": (bundle / "dt_bundle.css").read_text(encoding="utf-8"),
        "itables": importlib.metadata.version("itables"),
    }
    return render("explorer.html.j2", content, script=in_script)


def table_files():
    """Find the folder of DataTables' script and style in itables, which need not be imported.

    Raises
    ------
    NeedleError
        If itables is not installed.
    """
    found = importlib.util.find_spec("itables")
    if found is None:
        raise NeedleError("the package itables, whose tables the page has, is missing; make setup")
    return Path(found.origin).parent / "html"


def in_script(value):
    """Write JSON so that no text in it can end the element in which it stands.

    Examples
    --------
    >>> print(in_script({"name": "</script>"}))
    {"name":"\\u003c/script>"}
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))
