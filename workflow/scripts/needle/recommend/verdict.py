"""The recommendation in sentences: what to do, and what is to be known of it."""

import numpy as np

from needle.base.formats import SPACE, count, names, percent
from needle.base.measures import ACCURACY, MEASURES
from needle.recommend.answer.words import what_to_do
from needle.recommend.measured import in_words
from needle.strategies.labels import strategy_label

UNBALANCED = 3  # times the training images of the smallest class that the largest has


def headline(found):
    """Say what to do in a few words.

    Parameters
    ----------
    found : Findings

    Returns
    -------
    str
    """
    if found.candidates is not None:
        return what_to_do(found.chosen)
    picked = found.ranking.loc[found.ranking["picked"], "model"].tolist()
    return f"Fine-tune {names(picked)}"


def decided_by(found):
    """Say what val decided by, if it was not accuracy."""
    if found.metric == ACCURACY:
        return ""
    return f"Runs and candidates were compared by {MEASURES[found.metric].label} on val."


def shortfall(ranking, strategy, budget):
    """Say why there are fewer picks than the budget allows; nothing if there are not.

    Parameters
    ----------
    ranking : DataFrame
        Columns of ranking.csv.
    strategy : str
    budget : int

    Returns
    -------
    str
    """
    picked, ranked = ranking["picked"].sum(), ranking["rank"].notna().sum()
    admitted = (ranking["left_out"] == "").sum()
    if picked >= budget:
        return ""
    text = f"The budget allows {count(budget, 'model')}, but "
    if ranked < admitted:
        label = strategy_label(strategy)
        return text + (
            f"{label} search can rank only {ranked} of {admitted}: of the others it does not know "
            "what it ranks by."
        )
    return text + f"only {admitted} may take part."


def guess(found):
    """Find the commonest class of the training images, and how often it is right on test.

    Parameters
    ----------
    found : Findings

    Returns
    -------
    tuple of str and float
        Its name, and the accuracy of predicting it for every test image.
    """
    classes = found.task.card["classes"]
    commonest = np.bincount(found.labels["train"], minlength=len(classes)).argmax()
    return classes[commonest], float((found.labels["test"] == commonest).mean())


def imbalance(found):
    """Say that classes are of very different size, and what accuracy then hides; else nothing.

    Parameters
    ----------
    found : Findings

    Returns
    -------
    str
    """
    classes = found.task.card["classes"]
    counts = np.bincount(found.labels["train"], minlength=len(classes))
    largest, smallest = counts.argmax(), counts.argmin()
    if counts[largest] < UNBALANCED * counts[smallest]:
        return ""
    text = (
        f"The classes are unbalanced: {counts[largest]:,} training images of {classes[largest]}, "
        f"{counts[smallest]:,} of {classes[smallest]}; guessing the largest class gets "
        f"{percent(guess(found)[1])}. Look at balanced accuracy, where each class counts the same"
    )
    decide = "; metric: balanced_accuracy in the config chooses by it"
    return f"{text}{decide if found.metric == ACCURACY else ''}."


def measures(found):
    """Give the measures of the chosen model on test but for accuracy, in words.

    Parameters
    ----------
    found : Findings

    Returns
    -------
    list of tuple of str
        Label; value and interval, or why there is none.
    """
    on_test = found.measures[found.measures["split"] == "test"]
    return [in_words(row) for row in on_test.to_dict("records") if row["measure"] != ACCURACY]


def level_text(level):
    """Write the level of an interval in percent.

    Examples
    --------
    >>> level_text(0.95).replace(SPACE, " ")
    '95 %'
    """
    return f"{100 * level:g}{SPACE}%"
