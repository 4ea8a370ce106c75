"""Rank the models of a pool for the user's data, and pick those to fine-tune."""

import argparse
import json
from pathlib import Path

import pandas as pd

from needle.base.csv_files import write_table
from needle.base.errors import NeedleError, run
from needle.base.files import atomic
from needle.base.run_tables import read_table
from needle.base.tensors import read_card
from needle.proxies.folds import fold_note, is_folded, mean_and_error, read_folds
from needle.recommend.admission import barred, left_out, most_picks
from needle.recommend.auto import choose_strategy
from needle.recommend.data_words import data_lines
from needle.recommend.known_results import Choice, known_words, with_known
from needle.recommend.measured import check_metric
from needle.recommend.ranking import rank_pool, with_cards
from needle.recommend.search_summary import search_summary
from needle.scores.columns import DATA, SPEED_COLUMNS
from needle.scores.run_files import read_pair
from needle.scores.score_table import point_values, proxy_repeats, read_models, score_rows
from needle.scores.task_embeddings import read_task_embeddings
from needle.store.arguments import add_arguments, read_known
from needle.store.recall import known_tasks
from needle.strategies import task_agnostic


def read_search(results, models, counts, settings, folds):
    """Read the values of the proxies, their standard errors over folds, and each model's seconds.

    Parameters
    ----------
    results : Path
    models : iterable of str
    counts : dict of str to int
        Runs by proxy.
    settings : dict of str to dict
        What the config says of each proxy.
    folds : list of numpy.ndarray
        As `read_folds` gives them.

    Returns
    -------
    points : DataFrame
        As `rank_pool` takes them.
    seconds : dict of str to float
    errors : DataFrame
        Index model, one column per proxy that is a mean over folds.
    """
    scores, seconds, errors = [], {}, {}
    over_folds = [proxy for proxy in counts if is_folded(proxy, settings[proxy], folds)]
    rates = {proxy: len(settings[proxy].get("learning_rates", [None])) for proxy in over_folds}
    counts = counts | {proxy: rates[proxy] * len(folds) for proxy in over_folds}
    for model in models:
        embeddings = results / "embeddings" / DATA / f"{model}.safetensors"
        seconds[model] = read_card(embeddings)["seconds"]
        for proxy, runs in read_pair(results, model, DATA, counts):
            repeats = proxy_repeats(runs)
            if proxy in over_folds:
                mean, errors[model, proxy] = mean_and_error(repeats, folds)
                repeats = pd.Series([mean])
            scores.append(score_rows(model, DATA, proxy, repeats))
            seconds[model] += runs["seconds"].sum(skipna=False)
    errors = pd.DataFrame(
        {proxy: [errors[model, proxy] for model in models] for proxy in over_folds}, list(models)
    )
    return point_values(pd.concat(scores, ignore_index=True)), seconds, errors


def read_speeds(results, models):
    """Read how fast each model is; nothing is known of a user's own embeddings.

    Returns
    -------
    DataFrame
        Index model, columns `SPEED_COLUMNS`.
    """
    folder = results / "embeddings" / DATA
    speeds = [read_card(folder / f"{model}.safetensors").get("speed", {}) for model in models]
    return pd.DataFrame(speeds, models, SPEED_COLUMNS)


def read_reasons(weights):
    """Read why the weights of each model could not be had; empty where they could."""
    return read_table(weights, ["reason"]).set_index("model")["reason"].to_dict()


def check_decision(args, classes):
    """Check that there is what will decide: folds, and examples of all classes."""
    folds = read_folds(args.folds, repeats=1) if args.decide_on == "folds" else []
    if args.decide_on == "folds" and not folds:
        raise NeedleError(
            "config: decide_on: folds: there are none, since the data are not small or have a val "
            "of their own; set examples: folds, or take val"
        )
    if args.metric:
        check_metric(args.metric, classes, folds)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", required=True)
    parser.add_argument("--results", type=Path, required=True, help="folder of the run")
    parser.add_argument("--runs", type=json.loads, required=True, help="their number by proxy")
    parser.add_argument("--proxies", type=json.loads, required=True, help="their settings by name")
    parser.add_argument("--folds", nargs="?", help="table of the folds, if there are any")
    parser.add_argument(
        "--cards", type=json.loads, default={}, help="of models that are not in the table of models"
    )
    parser.add_argument("--weights", nargs="?", help="table of the weights that could not be had")
    parser.add_argument("--where", type=json.loads, default={}, help="what a model must meet")
    parser.add_argument("--seen", nargs="*", default=[], help="data sets that the data come from")
    add_arguments(parser)
    parser.add_argument("--strategy", required=True)
    parser.add_argument("--budget", required=True, help="a number, or all")
    parser.add_argument("--metric", help="what val will decide by, if the picks are fine-tuned")
    parser.add_argument("--decide-on", default="val", choices=["val", "folds"])
    parser.add_argument("--classes", required=True, help="of the data, and their counts")
    parser.add_argument("--problems", required=True, help="of the data")
    parser.add_argument("--ranking", required=True, help="table to write")
    parser.add_argument("--summary", required=True, help="text to write")
    parser.add_argument("--choice", required=True, help="JSON to write: the strategy, and why")
    args = parser.parse_args()

    classes = read_table(args.classes, ["class"])
    folds = read_folds(args.folds)
    check_decision(args, classes)
    models = read_models(args.models)
    points, seconds, errors = read_search(
        args.results, models.index, args.runs, args.proxies, folds
    )
    models = models.join(read_speeds(args.results, models.index))
    rows = models.to_dict("index")
    reasons = {model: left_out(row, args.where, args.seen) for model, row in rows.items()}
    cards = barred(args.cards, read_reasons(args.weights) if args.weights else {})
    reasons |= {model: card["left_out"] for model, card in cards.items()}
    reasons = {model: reason for model, reason in reasons.items() if reason}
    everyone = with_cards(models, cards)
    budget = most_picks(args.budget, len(everyone) - len(reasons))
    earlier, found_by = read_known(args, everyone.index, [DATA])
    candidates = everyone[~everyone.index.isin(list(reasons))]
    counts = known_tasks(earlier, candidates.index)
    upstream = task_agnostic.is_known(candidates)
    strategy, reason = choose_strategy(args.strategy, list(args.runs), counts, budget, upstream)
    known = known_words(counts, found_by, len(earlier)) if args.stores else ""
    choice = Choice(strategy, reason, known)
    ranking = rank_pool(
        everyone,
        points,
        seconds,
        strategy,
        budget,
        reasons,
        earlier,
        read_task_embeddings(args.task_embeddings),
        errors,
    )
    ranking = with_known(ranking, counts, found_by)
    write_table(args.ranking, ranking)
    data = data_lines(classes, read_table(args.problems))
    about = list(args.runs), strategy, budget
    text = search_summary(ranking, *about, data, fold_note(folds), choice.words)
    for path, content in ((args.summary, text), (args.choice, choice.text())):
        with atomic(path) as temporary:
            temporary.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    run(main)
