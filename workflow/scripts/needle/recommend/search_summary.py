"""The answer of the search for a terminal, before anything is fine-tuned."""

import textwrap

from needle.base.formats import SPACE, count, parameters, percent, rough
from needle.recommend.admission import by_reason
from needle.recommend.reasons import proxy_value, with_error
from needle.recommend.verdict import shortfall
from needle.strategies.labels import strategy_label

WIDTH = 100  # columns of the terminal
LONGEST_LICENCE = 16
NEXT = (
    "Next: the same command with target recommend fine-tunes the picks, if your data are images, "
    "and writes the report."
)


def search_summary(ranking, proxies, strategy, budget, data, note="", known=""):
    """Lay out the ranking, why the picks were picked, and why other models were left out.

    Parameters
    ----------
    ranking : DataFrame
        Columns of recommendation/ranking.csv.
    proxies : list of str
    strategy : str
    budget : int
    data : list of str
        What the data were: lines.
    note : str, optional
        On the scores.
    known : str, optional
        Why the strategy was taken, and how much is known from other tasks.

    Returns
    -------
    str
        Lines of at most 100 columns.
    """
    rows = ranking.astype(object).where(ranking.notna(), None).to_dict("records")
    admitted = [row for row in rows if not row["left_out"]]
    picked = [row for row in rows if row["picked"]]
    label, pool = strategy_label(strategy), count(len(admitted), "model")
    parts = [
        [f"{label} search picks {len(picked)} of {pool} (B = {budget}), marked *."],
        _wrap(known),
        _table(admitted, proxies),
        _wrap(note),
        _wrap(shortfall(ranking, strategy, budget)),
        ["Why", *_list((row["model"], row["why"]) for row in picked)],
    ]
    parts += [left_out_lines(ranking), data]
    parts.append(_wrap(NEXT))
    text = "\n\n".join("\n".join(lines) for lines in parts if lines)
    return text.replace(SPACE, " ") + "\n"


def left_out_lines(ranking):
    """Say which models were left out, and why; nothing if none was.

    Returns
    -------
    list of str
        Of at most `WIDTH` columns.
    """
    entries = [(", ".join(models), reason) for models, reason in by_reason(ranking)]
    return ["Left out", *_list(entries)] if entries else []


def _table(rows, proxies):
    """One line per model; standard errors if there is room for them beside the models' names."""
    for score in (with_error, lambda row, proxy: proxy_value(proxy, row[proxy])):
        columns = _columns(rows, proxies, score)
        widths = {name: max(map(len, [name, *cells])) for name, cells in columns.items()}
        free = WIDTH - sum(widths.values()) + widths["model"] - 2 * len(widths) + 2
        if free >= widths["model"]:
            break
    widths["model"] = min(widths["model"], max(free, len("model")))
    lines = [list(columns), *zip(*columns.values(), strict=True)]
    return ["  ".join(map(_cell, columns, line, widths.values())).rstrip() for line in lines]


def _columns(rows, proxies, score):
    """The cells by column; one that has no value is not shown."""
    columns = {
        "": ["*" if row["picked"] else "" for row in rows],
        "rank": [count(row["rank"]) for row in rows],
        "model": [row["model"] for row in rows],
        **{strategy_label(proxy): [score(row, proxy) for row in rows] for proxy in proxies},
        "reference": [percent(row["reference_accuracy"]) for row in rows],
        "params": [parameters(row["params"]) for row in rows],
        "1 picture": [rough(row["milliseconds"], "ms") for row in rows],
        "licence": [_cut(row["license"] or "–", LONGEST_LICENCE) for row in rows],
    }
    return {name: cells for name, cells in columns.items() if set(cells) != {"–"}}


def _cell(name, text, width):
    is_text = name in ("model", "licence")
    return _cut(text, width).ljust(width) if is_text else text.rjust(width)


def _cut(text, width):
    tail = width // 3  # names of models often differ at their end
    return text if len(text) <= width else f"{text[: width - tail - 1]}…{text[-tail:]}"


def _list(entries):
    """Write names and sentences as a list, indented and wrapped."""
    lines = []
    for name, sentence in entries:
        lines += _wrap(f"{name}: {sentence}", "  ")
    return lines


def _wrap(text, indent=""):
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=2 * indent, break_on_hyphens=False
    )
