"""The answer in sentences: what to do, what else was tried, and how sure the choice is."""

import numpy as np

from needle.base.formats import SPACE, count, measured_value, names, plain
from needle.base.measures import goodness
from needle.recommend.answer.candidates import ENSEMBLE, FROZEN, SOUP, TUNED
from needle.recommend.answer.choose import SEPARATOR


def named(row):
    """Name a candidate for a reader.

    Examples
    --------
    >>> named({"kind": "soup", "models": "resnet50"})
    'resnet50 as a soup of its runs'
    """
    return {
        FROZEN: f"frozen {row['models']} with a tuned head",
        TUNED: f"fine-tuned {row['models']}",
        SOUP: f"{row['models']} as a soup of its runs",
        ENSEMBLE: "the ensemble",
    }[row["kind"]]


def what_to_do(chosen):
    """Say in a few words what the answer is.

    Parameters
    ----------
    chosen : Series or dict
        A row of candidates.csv.

    Returns
    -------
    str

    Examples
    --------
    >>> what_to_do({"kind": "ensemble", "models": "a;b;a"})
    'Combine a and b'
    """
    models = names(list(dict.fromkeys(chosen["models"].split(SEPARATOR))))
    return {
        FROZEN: f"Keep {models} frozen and train its head",
        TUNED: f"Fine-tune {models}",
        SOUP: f"Fine-tune {models} and average its runs",
        ENSEMBLE: f"Combine {models}",
    }[chosen["kind"]]


def certainty(candidates, level):
    """Say how sure the choice is, by tests on the same validation images.

    Parameters
    ----------
    candidates : DataFrame
        Columns of candidates.csv.
    level : float
        A difference is clear if its p-value is below 1 - level.

    Returns
    -------
    str
    """
    metric = _metric(candidates)
    chosen = candidates[candidates["chosen"]].iloc[0]
    ended = candidates[~candidates["diverged"]]
    others = ended[~ended["chosen"]]
    if others.empty:
        only = len(candidates) == 1
        reason = "It was the only candidate" if only else "Nothing else was trained to an end"
        return f"{reason}, so there was nothing to choose between."
    on = f"the same {count(chosen['images'], 'validation image')}"
    if not np.isnan(chosen["p_value"]):
        best = ended[ended["p_value"].isna()].iloc[0]
        return (
            f"{_capital(named(best))} did better on val "
            f"({measured_value(metric, best[f'val_{metric}'])} against "
            f"{measured_value(metric, chosen[f'val_{metric}'])}), but within the noise of {on} "
            f"(paired test, {p_value(chosen['p_value'])}): the simplest that is as good was taken."
        )
    rivals = others[others["p_value"] >= 1 - level]
    if rivals.empty:
        return (
            f"The choice is clear: on {on} every other candidate is worse (paired test, "
            f"{p_value(others['p_value'].max())})."
        )
    return (
        f"The difference to {names([named(row) for _, row in rivals.iterrows()])} is within the "
        f"noise of {on} (paired test, {p_value(rivals['p_value'].min())}); of these the simplest "
        "was taken, and of equally simple ones the best on val."
    )


def payoff(candidates):
    """Say whether fine-tuning paid: nothing if there is no frozen candidate, or no other.

    Parameters
    ----------
    candidates : DataFrame
        Columns of candidates.csv.

    Returns
    -------
    str
    """
    metric = _metric(candidates)
    chosen = candidates[candidates["chosen"]].iloc[0]
    frozen, tuned = (
        _best(candidates[candidates["kind"].isin(kinds)], metric)
        for kinds in ((FROZEN,), (TUNED, SOUP))
    )
    if frozen is None or not candidates["kind"].isin((TUNED, SOUP)).any():
        return ""
    if tuned is None:
        return "Fine-tuning did not pay: every run diverged."
    members = chosen["members"].split(SEPARATOR)
    paid = not all(name.startswith(FROZEN) for name in members)
    first, second = (chosen, frozen) if paid else (tuned, frozen)
    said = [
        f"{named(row)} {measured_value(metric, row[f'val_{metric}'])}" for row in (first, second)
    ]
    return f"Fine-tuning {'paid' if paid else 'did not pay'}: on val {said[0]}, {said[1]}."


def no_frozen(configuration):
    """Say why no frozen model is a candidate; nothing if they are.

    Parameters
    ----------
    configuration : dict
        The run's whole config.

    Returns
    -------
    str
    """
    features = configuration.get("embedding", {}).get("features", "last")
    if features == "last":
        return ""
    return (
        "No frozen model with a tuned head is among them: that takes features of the last layer, "
        f"and embedding.features is {features}."
    )


def candidate_rows(candidates):
    """Lay out the candidates for the page.

    Parameters
    ----------
    candidates : DataFrame
        Columns of candidates.csv.

    Returns
    -------
    list of dict
        Its columns, with ``name``, ``detail`` (of how it was made), ``value`` and ``p``.
    """
    metric = _metric(candidates)
    return [
        row
        | {
            "name": _capital(named(row)),
            "detail": _detail(row),
            "value": row[f"val_{metric}"],
            "p": "best" if _is_best(row) else p_value(row["p_value"]),
        }
        for row in candidates.to_dict("records")
    ]


def p_value(value):
    """Write a p-value; a dash if there is none.

    Examples
    --------
    >>> p_value(0.0312).replace(SPACE, " "), p_value(0.0002).replace(SPACE, " ")
    ('p = 0.031', 'p < 0.001')
    """
    if np.isnan(value):
        return "–"
    text = "p < 0.001" if value < 0.001 else f"p = {value:.2g}"
    return text.replace(" ", SPACE)


def _detail(row):
    if row["kind"] == ENSEMBLE:
        parts = zip(row["weights"].split(SEPARATOR), row["members"].split(SEPARATOR), strict=True)
        return ", ".join(f"{float(weight):.2g} × {_part(name)}" for weight, name in parts)
    if row["kind"] == TUNED and not row["diverged"]:
        return f"at learning rate {plain(row['learning_rate'])}"
    return ""


def _part(name):
    kind, _, model = name.partition(":")
    return named({"kind": kind, "models": model})


def _is_best(row):
    return np.isnan(row["p_value"]) and not row["diverged"]


def _best(rows, metric):
    """Give the best row that was trained to an end; None if there is none."""
    ended = rows[~rows["diverged"]]
    if ended.empty:
        return None
    return ended.loc[goodness(metric, ended[f"val_{metric}"]).astype(float).idxmax()]


def _metric(candidates):
    (column,) = [name for name in candidates.columns if name.startswith("val_")]
    return column.removeprefix("val_")


def _capital(text):
    """Begin with a capital, but not the name of a model."""
    return text[0].upper() + text[1:] if text.startswith(("frozen", "fine-tuned", "the ")) else text
