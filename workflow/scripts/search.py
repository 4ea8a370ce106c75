"""Rank the models of a pool for the user's data, and pick those to fine-tune."""

import argparse
import json
from pathlib import Path

from needle.base.csv_files import write_table
from needle.base.errors import NeedleError, run
from needle.base.files import atomic
from needle.base.run_tables import read_table
from needle.proxies.folds import fold_note, read_folds
from needle.recommend.admission import barred, left_out, most_picks
from needle.recommend.auto import choose_strategy
from needle.recommend.data_words import data_lines
from needle.recommend.known_results import Choice, known_words, with_known
from needle.recommend.measured import check_metric
from needle.recommend.ranking import rank_pool, with_cards
from needle.recommend.rounds import dropped_reasons, rounds_words, with_rounds
from needle.recommend.search_summary import search_summary
from needle.recommend.searched import read_search, read_speeds
from needle.scores.columns import DATA
from needle.scores.score_table import read_models
from needle.scores.task_embeddings import read_task_embeddings
from needle.store.arguments import add_arguments, read_known
from needle.store.recall import known_tasks
from needle.strategies import task_agnostic


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
    parser.add_argument("--rounds", nargs="*", default=[], help="tables of their models, in order")
    parser.add_argument("--round-proxy", help="by which they went")
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
    rounds = list(map(read_table, args.rounds))
    pictures = int(classes[["train", "val"]].sum().sum())
    dropped = dropped_reasons(rounds, args.round_proxy, pictures)
    searched = models.index[~models.index.isin(list(dropped))]
    points, seconds, errors = read_search(args.results, searched, args.runs, args.proxies, folds)
    seconds = with_rounds(seconds, rounds)
    models = models.join(read_speeds(args.results, searched))
    rows = models.to_dict("index")
    reasons = {model: left_out(row, args.where, args.seen) for model, row in rows.items()}
    reasons |= dropped
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
    choice = Choice(strategy, reason, known, rounds_words(rounds, pictures))
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
