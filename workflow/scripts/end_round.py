"""End a round of the search: say which models go on to more pictures."""

import argparse
import json
from pathlib import Path

import pandas as pd

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.run_tables import read_table
from needle.base.tensors import read_card
from needle.proxies.folds import read_folds
from needle.recommend.rounds import examples_of, first_anyway, judge
from needle.recommend.searched import read_search
from needle.scores.columns import DATA
from needle.scores.score_table import read_models
from needle.strategies.registry import practical


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", required=True, help="table of all models")
    parser.add_argument("--names", nargs="+", required=True, help="models of the round")
    parser.add_argument("--results", type=Path, required=True, help="folder of the round")
    parser.add_argument("--pictures", required=True, help="table of those of the round")
    parser.add_argument("--proxy", required=True)
    parser.add_argument("--proxies", type=json.loads, required=True, help="settings by name")
    parser.add_argument("--runs", type=int, required=True, help="of the proxy")
    parser.add_argument("--strategy", required=True)
    parser.add_argument("--places", type=int, required=True, help="models that are to go on")
    parser.add_argument("--level", type=float, required=True, help="of the intervals")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    proxy, pictures, folds = args.proxy, read_table(args.pictures), read_folds(args.pictures)
    points, seconds, _ = read_search(
        args.results, args.names, {proxy: args.runs}, args.proxies, folds
    )
    scores = points[proxy].loc[DATA].reindex(args.names)
    examples = examples_of(pictures, folds, args.proxies[proxy])
    kept = first_anyway(args.strategy, practical(args.proxies), read_models(args.models))
    table = judge(scores, examples, args.places, args.level, kept)
    table.insert(0, "pictures", len(pictures))
    folder = args.results / "embeddings" / DATA
    spent = {name: read_card(folder / f"{name}.safetensors")["seconds"] for name in args.names}
    table["embedding_seconds"] = pd.Series(spent)
    table["proxy_seconds"] = pd.Series(seconds) - table["embedding_seconds"]
    write_table(args.output, table.rename_axis("model").reset_index())


if __name__ == "__main__":
    run(main)
