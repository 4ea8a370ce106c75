"""Which candidate is the answer: the simplest that the best on val does not clearly surpass."""

import pandas as pd

from needle.base.measures import goodness, measure
from needle.base.seeds import generator
from needle.recommend.answer.candidates import KINDS
from needle.recommend.intervals import interval_of
from needle.recommend.paired import paired_test

SEPARATOR = ";"  # of models and of weights in a cell
SPEED = ["milliseconds", "pictures_per_second", "inference_mb"]


def judged(candidates, labels, metric, level, seed, groups=None, speed=None):
    """Measure candidates on val, compare each with the best of them, and choose.

    Of the simplest kind with a candidate that does not differ from the best at `level`, the best is
    chosen.

    Parameters
    ----------
    candidates : list of Candidate
        As `all_candidates` gives them; of those that are level the first is taken.
    labels : numpy.ndarray of int, shape (N,)
        Of val.
    metric : str
        Of `measures.MEASURES`: what decides, of calibrated probabilities.
    level : float
        Of the intervals; a difference counts if its p-value is below 1 - level.
    seed : int
        The run's master seed.
    groups : numpy.ndarray of int, shape (N,), optional
        Of val, see `interval_of`.
    speed : DataFrame, optional
        Index model: milliseconds (of one picture), pictures_per_second, inference_mb.

    Returns
    -------
    DataFrame
        Columns of recommendation/candidates.csv, in the order of `candidates`.
    """
    said = {each.name: each.calibrated() for each in candidates if each.on_val is not None}
    values = {name: measure(metric, labels, each) for name, each in said.items()}
    best = max(values, key=lambda name: goodness(metric, values[name]))
    rows = [
        _row(each, metric, len(labels), speed)
        | _measured(each, said, best, labels, metric, level, seed, groups)
        for each in candidates
    ]
    table = pd.DataFrame(rows).astype(dict.fromkeys(["p_value", *SPEED], float))
    table["chosen"] = table["candidate"] == _simplest(table, values, metric, level)
    return table.astype({"repeat": "Int64"})


def _simplest(table, values, metric, level):
    """Name the best of the simplest kind that has one as good as the best of all."""
    # The best itself has no p-value.
    level_with_best = table[~table["diverged"] & ~(table["p_value"] < 1 - level)]
    for kind in KINDS:
        names = level_with_best.loc[level_with_best["kind"] == kind, "candidate"]
        if len(names):
            return max(names, key=lambda name: goodness(metric, values[name]))
    raise AssertionError("the best is level with itself")


def _row(candidate, metric, images, speed):
    """Describe a candidate before it is measured."""
    return {
        "candidate": candidate.name,
        "kind": candidate.kind,
        "models": SEPARATOR.join(candidate.models),
        "weights": SEPARATOR.join(map(str, candidate.members.values())) or "1.0",
        "members": SEPARATOR.join(candidate.members) or candidate.name,
        "learning_rate": candidate.run.get("learning_rate"),
        "repeat": candidate.run.get("repeat"),
        **dict.fromkeys([f"val_{metric}", "low", "high"]),
        "images": images,
        "p_value": None,
        "temperature": None,
        "seconds": candidate.seconds,
        **_cost(candidate.models, speed),
        "diverged": candidate.on_val is None,
    }


def _measured(candidate, said, best, labels, metric, level, seed, groups):
    """Measure a candidate on val, and test it against the best."""
    name = candidate.name
    if name not in said:
        return {}
    draws = generator(seed, "measures", name, "val", metric)
    low, high = interval_of(metric, labels, said[name], level, draws, groups)
    row = {"low": low, "high": high, "temperature": candidate.temperature}
    if name != best:
        draws = generator(seed, "paired test", best, name, metric)
        row["p_value"] = paired_test(metric, labels, said[best], said[name], draws, groups)
    return row | {f"val_{metric}": measure(metric, labels, said[name])}


def _cost(models, speed):
    """Add up what the members of a candidate cost at inference; missing where one's is."""
    if speed is None:
        return dict.fromkeys(SPEED)
    found = speed.reindex(models)
    return {
        "milliseconds": found["milliseconds"].sum(skipna=False),
        "pictures_per_second": 1 / (1 / found["pictures_per_second"]).sum(skipna=False),
        "inference_mb": found["inference_mb"].sum(skipna=False),
    }


def speed_of(ranking):
    """Take the measured speed of models out of a ranking; None if nothing was measured.

    Parameters
    ----------
    ranking : DataFrame
        Columns of ranking.csv.

    Returns
    -------
    DataFrame or None
        As `judged` takes it.
    """
    if not set(SPEED) <= set(ranking.columns):
        return None
    return ranking.set_index("model")[SPEED].astype(float)
