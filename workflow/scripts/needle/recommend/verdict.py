"""The recommendation in sentences: what to fine-tune, and how sure that is."""

import numpy as np

from needle.recommend.formats import SPACE, count
from needle.strategies.labels import strategy_label


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
    """Say how sure the choice between the picks is.

    Parameters
    ----------
    picks : DataFrame
        Columns of picks.csv.
    images : int
        Number of validation images.
    level : float
        Of the intervals.

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
    on = count(images, "validation image")
    rivals = others[others["high"] >= chosen["low"]]
    interval = f"{level_text(level)} interval"
    if rivals.empty:
        return (
            f"The choice is clear: on {on} no other pick’s {interval} reaches that of "
            f"{chosen['model']}."
        )
    text = (
        f"The difference to {names(rivals['model'].tolist())} is within the noise of {on}: "
        f"the {interval}s overlap."
    )
    equal = others.loc[others["val_accuracy"] == chosen["val_accuracy"], "model"].tolist()
    if equal:
        text += f" {names(equal)} did exactly as well; the better rank decided."
    return text


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
