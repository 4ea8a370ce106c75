"""What the data were, in some lines: classes with their counts, what was not used, and why."""

import textwrap
from collections import Counter

from needle.tasks.own.problems import plural
from needle.tasks.own.unused import reason

WIDTH = 100  # columns of a terminal
SHOWN = 20  # classes, or notes
NOTICES = {"grouped": "", "warned": "Warning: "}  # actions of problems.csv, and their words


def data_words(classes, problems):
    """Say which classes there are, how many examples are used, how many not, and why.

    Parameters
    ----------
    classes : DataFrame
        Columns of data/classes.csv.
    problems : DataFrame
        Columns of data/problems.csv.

    Returns
    -------
    list of str
        Two paragraphs.
    """
    noun = "example" if classes["test"].isna().all() else "image"
    counts = [f"{row['class']} {row['found']:,}" for row in classes[:SHOWN].to_dict("records")]
    if len(classes) > SHOWN:
        counts.append(f"and {len(classes) - SHOWN:,} more (data/classes.csv)")
    parts = [f"{int(classes[split].sum()):,} {split}" for split in ("train", "val", "test")
             if classes[split].notna().any()]  # fmt: skip
    return [
        f"{plural(int(classes['found'].sum()), noun)} of {plural(len(classes), 'class')}: "
        f"{', '.join(counts)}.",
        f"Used: {', '.join(parts)}. {_unused(problems)}",
    ]


def notices(problems):
    """Say what is to be known before any result: groups, and what may mislead.

    Parameters
    ----------
    problems : DataFrame
        Columns of data/problems.csv.

    Returns
    -------
    list of str
        Sentences.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("", "12 groups", "grouped"), ("a.jpg", "broken", "skipped")]
    >>> notices(pd.DataFrame(rows, columns=["path", "problem", "action"]))
    ['12 groups.']
    """
    rows = problems[problems["action"].isin(NOTICES)].to_dict("records")
    return [f"{NOTICES[row['action']]}{row['problem']}." for row in rows]


def data_lines(classes, problems):
    """Lay out all that is to be said of the data, in lines of at most `WIDTH` columns."""
    of_all = problems[(problems["path"] == "") & ~problems["action"].isin(NOTICES)]
    notes = [*notices(problems), *of_all["problem"][:SHOWN]]
    lines = ["Data"]
    for text in [*data_words(classes, problems), *notes]:
        lines += textwrap.wrap(
            text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
        )
    return lines


def _unused(problems):
    gone = problems[problems["action"].isin(["skipped", "removed"])]
    if gone.empty:
        return "Nothing was left out as unusable."
    reasons = Counter(map(reason, gone["problem"])).most_common()
    why = ", ".join(f"{word}: {number:,}" for word, number in reasons)
    return f"Left out as unusable: {len(gone):,} ({why})."
