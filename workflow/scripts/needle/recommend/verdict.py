"""The recommendation in sentences: what to fine-tune, and how sure that is."""

import numpy as np

from needle.base.measures import ACCURACY, MEASURES
from needle.recommend.formats import SPACE, count, percent
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
    if found.picks is not None:
        return f"Fine-tune {found.chosen['model']}"
    picked = found.ranking.loc[found.ranking["picked"], "model"].tolist()
    return f"Fine-tune {names(picked)}"


def certainty(picks, images, level):
    """Say how sure the choice between the picks is, by tests on the same validation images.

    Parameters
    ----------
    picks : DataFrame
        Columns of picks.csv.
    images : int
        Number of validation images.
    level : float
        A difference is clear if its p-value is below 1 - level.

    Returns
    -------
    str
    """
    chosen = picks[picks["chosen"]].iloc[0]
    others = picks[~picks["chosen"] & ~picks["diverged"]]
    if len(picks) == 1:
        return "It was the only pick, so there was nothing to choose between."
    if others.empty:
        return "No other pick was trained to an end, so there was nothing to choose between."
    on = f"the same {count(images, 'validation image')}"
    rivals = others[others["p_value"] >= 1 - level]
    if rivals.empty:
        return (
            f"The choice is clear: on {on} every other pick is worse (paired test, "
            f"{p_value(others['p_value'].max())})."
        )
    text = (
        f"The difference to {names(rivals['model'].tolist())} is within the noise of {on} (paired "
        f"test, {p_value(rivals['p_value'].min())})."
    )
    (column,) = [name for name in picks.columns if name.startswith("val_")]
    equal = others.loc[others[column] == chosen[column], "model"].tolist()
    if equal:
        text += f" {names(equal)} did exactly as well; the better rank decided."
    return text


def p_value(value):
    """Write a p-value.

    Examples
    --------
    >>> p_value(0.0312).replace(SPACE, " "), p_value(0.0002).replace(SPACE, " ")
    ('p = 0.031', 'p < 0.001')
    """
    text = "p < 0.001" if value < 0.001 else f"p = {value:.2g}"
    return text.replace(" ", SPACE)


def decided_by(found):
    """Say what val decided by, if it was not accuracy."""
    if found.metric == ACCURACY:
        return ""
    return f"The best run and pick are those of the best {MEASURES[found.metric].label} on val."


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


def names(models):
    """Write names one after the other.

    Examples
    --------
    >>> names(["a"]), names(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *others, last = models
    return f"{', '.join(others)} and {last}" if others else last


def level_text(level):
    """Write the level of an interval in percent.

    Examples
    --------
    >>> level_text(0.95).replace(SPACE, " ")
    '95 %'
    """
    return f"{100 * level:g}{SPACE}%"
