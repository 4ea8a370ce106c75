"""The recommendation as some lines for a terminal."""

from pathlib import Path

from needle.base.formats import SPACE, count, interval, percent
from needle.recommend.answer.words import certainty, no_frozen, payoff
from needle.recommend.data_words import data_lines
from needle.recommend.search_summary import left_out_lines
from needle.recommend.verdict import (
    decided_by,
    guess,
    headline,
    imbalance,
    level_text,
    measures,
    shortfall,
)
from needle.strategies.labels import strategy_label


def summary(found, label, strategy, budget, level, report, tuning, configuration, known=""):
    """Sum up a recommendation.

    Parameters
    ----------
    found : Findings
    label : str
        What a reader calls the data.
    strategy : str
    budget : int
    level : float
        Of the intervals.
    report : path
        Of the page; the exported model is beside it.
    tuning : str
        How the picks were fine-tuned.
    configuration : dict
        The run's whole config.
    known : str, optional
        Why the strategy was taken, and how much is known from other tasks.

    Returns
    -------
    str
        Some lines, what the data were, and the models that were left out.
    """
    picked = found.ranking.loc[found.ranking["picked"], "model"]
    lines = [
        f"{headline(found)} for {label}",
        f"Picks of {strategy_label(strategy)} search (B = {budget}): {', '.join(picked)}",
        known,
        shortfall(found.ranking, strategy, budget),
    ]
    if found.candidates is None:
        lines.append("Nothing was fine-tuned: the data are embeddings.")
    else:
        images = len(found.predictions)
        accuracy = f"{percent(found.accuracy['value'])} of {count(images, 'test image')}"
        ends = interval(found.accuracy["low"], found.accuracy["high"])
        lines += [
            f"Test accuracy {accuracy} ({level_text(level)} interval {ends}); "
            f"always guessing the commonest class: {percent(guess(found)[1])}",
            f"Also on test: {'; '.join(map(' '.join, measures(found)))}",
            imbalance(found),
            tuning,
            no_frozen(configuration),
            decided_by(found),
            payoff(found.candidates),
            certainty(found.candidates, level),
            f"Model:  {Path(report).parent / 'best'}",
        ]
    lines += [
        *data_lines(found.classes, found.problems),
        *left_out_lines(found.ranking),
        f"Report: {report}",
    ]
    return "\n".join(filter(None, lines)).replace(SPACE, " ") + "\n"
