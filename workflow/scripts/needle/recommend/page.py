"""The recommendation as one page that needs nothing else: no network, no script, no other file."""

import math
import re
import shlex
from pathlib import Path

from needle.base.measures import MEASURES
from needle.figures.proxy_and_size import AXES, draw_proxy_and_size
from needle.figures.reliability import draw_reliability
from needle.figures.style import svg
from needle.pages.template import data_uri, render, yaml_text
from needle.recommend.admission import by_reason
from needle.recommend.answer.words import candidate_rows, certainty, named, no_frozen, payoff
from needle.recommend.data_words import data_words, notices
from needle.recommend.mistakes import class_accuracies, common_mistakes, confusion, matrix_rows
from needle.recommend.reasons import with_error
from needle.recommend.samples import choose_samples, image_uris
from needle.recommend.verdict import (
    decided_by,
    guess,
    headline,
    imbalance,
    level_text,
    shortfall,
)
from needle.strategies.labels import strategy_label
from needle.strategies.registry import strategies

TEMPLATE = "recommendation.html.j2"
LARGEST_MATRIX = 40  # classes
MISTAKES, CLASSES, PROBLEMS = 20, 10, 50  # rows of tables
FEW_CLASSES = 20  # up to which the accuracy of each is listed


def recommendation_page(
    found, configuration, label, strategy, budget, level, path, readme, tuning, known=""
):
    """Lay out the recommendation.

    Parameters
    ----------
    found : Findings
    configuration : dict
        The run's whole config.
    label : str
        What a reader calls the data.
    strategy : str
    budget : int
    level : float
        Of the intervals.
    path : path
        Of the page; ``config.yaml`` and ``best/`` are beside it.
    readme : str
        Markdown of ``best/README.md``; the page shows its first block of Python.
    tuning : str
        How the picks were fine-tuned.
    known : str, optional
        Why the strategy was taken, and how much is known from other tasks.

    Returns
    -------
    str
        HTML.
    """
    content = {
        "headline": headline(found),
        "label": label,
        "strategy": strategy_label(strategy),
        "known": known,
        "level": level_text(level),
        "folder": str(Path(path).parent),
        "config_path": shlex.quote(str(Path(path).with_name("config.yaml"))),
        "shortfall": shortfall(found.ranking, strategy, budget),
        "code": "".join(re.findall(r"^```python\n(.*?)^```", readme, re.M | re.S)[:1]),
        "configuration": yaml_text(configuration),
        "tuning": tuning,
        **_pool(found, strategy),
        **_cost(found),
        "notices": notices(found.problems),
        "data": data_words(found.classes, found.problems),
        "actions": _actions(found.problems),
        "problems": found.problems[:PROBLEMS].to_dict("records"),
        "all_problems": len(found.problems),
        "result": None,
    }
    if found.candidates is not None:
        content |= {
            "result": _result(found),
            "candidates": candidate_rows(found.candidates),
            "timed": found.candidates["milliseconds"].notna().any(),
            "noise": 1 - level,
            "frozen_left_out": no_frozen(configuration),
            "certainty": certainty(found.candidates, level),
            "payoff": payoff(found.candidates),
            "reliability": data_uri("image/svg+xml", svg(draw_reliability(found.reliability))),
            "scale": _scale(found),
            "samples": _samples(found, configuration["seed"]),
            **_mistakes(found),
        }
    return render(
        TEMPLATE,
        content,
        with_error=with_error,
        measure_label=lambda name: MEASURES[name].label,
    )


def _pool(found, strategy):
    """The ranking, its columns, and the plots of it."""
    ranking = found.ranking
    ranks = [column for column in ranking.columns if column.endswith("_rank")]
    columns = list(ranking.columns)
    proxies = columns[columns.index("picked") + 1 : columns.index(ranks[0])]
    proxy = strategies(proxies)[strategy].proxy or proxies[0]
    admitted = ranking[ranking["left_out"] == ""]
    return {
        "proxies": proxies,
        "over_folds": any(column.endswith("_standard_error") for column in columns),
        "ranks": ranks,
        "admitted": admitted.to_dict("records"),
        "picked": ranking[ranking["picked"]].to_dict("records"),
        "unranked": admitted.loc[admitted["rank"].isna(), "model"].tolist(),
        "left_out": by_reason(ranking),
        "proxy": proxy,
        "plots": _plots(found, admitted, proxy),
        "devices": admitted["device"].dropna().unique().tolist(),
    }


def _plots(found, admitted, proxy):
    """A plot by each size that is known of any model."""
    chosen = [] if found.candidates is None else found.chosen["models"].split(";")
    return {
        size: data_uri("image/svg+xml", svg(draw_proxy_and_size(admitted, proxy, size, chosen)))
        for size in AXES
        if not admitted[[proxy, size]].dropna().empty
    }


def _result(found):
    guessed, guess_accuracy = guess(found)
    return {
        "chosen": named(found.chosen),
        "temperature": found.chosen["temperature"],
        "tuned": len(found.picks),
        **found.accuracy[["low", "high"]],
        "accuracy": found.accuracy["value"],
        "guess": guessed,
        "guess_accuracy": guess_accuracy,
        "images": {split: len(labels) for split, labels in found.labels.items()},
        "classes": found.task.classes,
        "imbalance": imbalance(found),
        "decided_by": decided_by(found),
        "metric": found.metric,
        "measures": _measures(found),
        "size": found.task.image_size,
    }


def _measures(found):
    """The measures of the chosen candidate, those on test beside those on val."""
    table = found.measures[found.measures["candidate"] == found.chosen["candidate"]]
    test, val = (table[table["split"] == split].to_dict("records") for split in ("test", "val"))
    return [
        {"label": MEASURES[row["measure"]].label, "test": row, "val": other,
         "share": MEASURES[row["measure"]].share, "falls": MEASURES[row["measure"]].falls}
        for row, other in zip(test, val, strict=True)
    ]  # fmt: skip


def _scale(found):
    """The ends of the axis on which the candidates' intervals are drawn: whole 5 %."""
    known = found.candidates[["low", "high", f"val_{found.metric}"]].astype(float)
    low, high = math.floor(20 * known.min().min()), math.ceil(20 * known.max().max())
    return {"low": low / 20, "high": max(high, low + 1) / 20}


def _mistakes(found):
    classes = found.task.card["classes"]
    counts = confusion(found.predictions, classes)
    accuracies = class_accuracies(counts, classes)
    few = len(accuracies) <= FEW_CLASSES
    measured = set(accuracies["label"])
    unmeasured = [label for label in classes if label not in measured]
    return {
        "mistakes": common_mistakes(counts, classes, MISTAKES).to_dict("records"),
        "all_mistakes": len(found.predictions) - found.correct,
        "accuracies": accuracies[: None if few else CLASSES].to_dict("records"),
        "all_classes": len(accuracies),
        "unmeasured": unmeasured[:CLASSES],
        "all_unmeasured": len(unmeasured),
        "classes": classes,
        "matrix": matrix_rows(counts, classes) if len(classes) <= LARGEST_MATRIX else None,
        "largest_matrix": LARGEST_MATRIX,
    }


def _actions(problems):
    """Count the files by what was done with them; what is only noted is not counted."""
    return (
        problems.loc[problems["action"].isin(["skipped", "removed"]), "action"]
        .value_counts()
        .to_dict()
    )


def _samples(found, seed):
    groups = []
    for positions in choose_samples(found.predictions, seed):
        rows = found.predictions.loc[positions].to_dict("records")
        uris = image_uris(found.task, positions)
        groups.append([row | {"uri": uri} for row, uri in zip(rows, uris, strict=True)])
    return dict(zip(("mistakes", "drawn"), groups, strict=True))


def _cost(found):
    searched = found.ranking["seconds"].sum()
    admitted = int((found.ranking["left_out"] == "").sum())
    if found.candidates is None:
        return {"cost": {"search": searched, "tuning": None, "all": None}}
    pace = found.picks["seconds"].mean()
    tuning = found.candidates["seconds"].sum()
    return {"cost": {"search": searched, "tuning": tuning, "all": pace * admitted}}
