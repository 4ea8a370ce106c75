"""Tables as HTML pages for readers."""

import html

import pandas as pd

STYLE = (
    "body{font:15px sans-serif;margin:1.5em}td,th{padding:.2em .6em;text-align:left}"
    "thead{border-bottom:1px solid #999}table{border-collapse:collapse}"
    "tbody th[rowspan]{vertical-align:top}"
)


def page(title, *parts):
    """Frame a page.

    Parameters
    ----------
    title : str
        Plain text.
    *parts : str
        HTML, one below the other.

    Returns
    -------
    str
    """
    return (
        f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
        f"<h3>{html.escape(title)}</h3>{''.join(parts)}\n"
    )


def table_part(table, index=True):
    """Lay out a table of texts as a part of a page."""
    return table.to_html(border=0, index=index, index_names=False)


def items_part(lines):
    """Lay out lines of plain text as a list, a part of a page."""
    return f"<ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>"


def text_table(table):
    """Lay out a table of texts for a terminal, its columns flush left."""
    left = {name: f"{{:<{table[name].str.len().max()}}}".format for name in table}
    return table.to_string(index=False, justify="left", formatters=left)


def formatted(values, pattern):
    return values.map(lambda value: "" if pd.isna(value) else pattern.format(value)).astype(str)
