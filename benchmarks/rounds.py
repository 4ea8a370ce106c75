"""Search in rounds beside a search with all pictures: the same first picks, and the pictures saved.

    python benchmarks/rounds.py [results/mini/embeddings/*] [--rounds 250 500] [--proxy knn]

Each folder has finished embeddings of one task, a file for each model. Their train and val pictures
are split anew at random, by class, so many times: each split stands for another task, on which all
models are scored in rounds and with all pictures. Nothing is embedded or fine-tuned, and a pick is
one of the best by the proxy. With `--bootstrap`, the pictures of each split are drawn with
replacement, so that splits differ by more than their order. With `--cuts 3`, each model is there
with its first half, quarter and eighth of the features too: no real models, but a pool above 10.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.base.schema import read_yaml
from needle.base.seeds import derive_seed, generator
from needle.embedding.embedding_file import SPLITS, read_embeddings
from needle.machine.device import limit_threads
from needle.proxies.registry import ON_VAL, TRAINED, formula
from needle.recommend.rounds import draw_rounds, judge, places_of, stratified_order
from needle.scores.score_table import proxy_repeats

CONFIG = Path(__file__).parents[1] / "config/photos.yaml"


def read_pool(folder, cuts):
    """Read the embeddings of a task by model."""
    pool = {}
    for file in sorted(folder.glob("*.safetensors")):
        whole = read_embeddings(file)
        for cut in range(cuts + 1):
            width = whole.train_features.shape[1] // 2**cut
            some = {f"{split}_features": getattr(whole, f"{split}_features")[:, :width]
                    for split in SPLITS}  # fmt: skip
            pool[f"{file.stem}/{2**cut}"] = replace(whole, **some)
    return pool


def resplit(pool, draws, bootstrap):
    """Split the pictures of a task anew, the same for all models."""
    first = next(iter(pool.values()))
    labels = np.concatenate([first.train_labels, first.val_labels])
    order = stratified_order(labels, draws)
    parts = {"val": order[: len(first.val_labels)], "train": order[len(first.val_labels) :]}
    if bootstrap:
        parts = {split: draws.choice(rows, len(rows)) for split, rows in parts.items()}
    found = {}
    for model, each in pool.items():
        features = np.concatenate([each.train_features, each.val_features])
        arrays = {f"{split}_features": features[rows] for split, rows in parts.items()}
        arrays |= {f"{split}_labels": labels[rows] for split, rows in parts.items()}
        found[model] = replace(each, **arrays, train_source_probabilities=None)
    return found


def select(embeddings, rows):
    """Take the pictures of a round."""
    arrays = {
        f"{split}_{kind}": getattr(embeddings, f"{split}_{kind}")[rows[split]]
        for split in SPLITS
        for kind in ("features", "labels")
    }
    return replace(embeddings, **arrays)


def score(proxy, embeddings, settings, seed):
    """Score one model, as the rules do: the median over repeats of the best learning rate."""
    if proxy not in TRAINED:
        return formula(proxy).score(embeddings, **settings)
    seeds = [derive_seed(seed, "linear", repeat) for repeat in range(settings["repeats"])]
    return proxy_repeats(pd.DataFrame(formula(proxy).runs(embeddings, settings, seeds))).median()


def search(pool, args, settings, seed):
    """Search in rounds: which models are left, and the pictures embedded as a share of all."""
    labels = {split: getattr(next(iter(pool.values())), f"{split}_labels") for split in SPLITS}
    total, left, spent, before = sum(map(len, labels.values())), list(pool), 0, 0
    for number, rows in enumerate(draw_rounds(labels, args.rounds, seed), start=1):
        count = sum(map(len, rows.values()))
        spent += len(left) * (count - before)
        before = count
        scores = pd.Series(
            {model: score(args.proxy, select(pool[model], rows), settings, seed) for model in left}
        )
        places = places_of(len(pool), number, args.picks)
        table = judge(scores, len(rows["val"]), places, args.level)
        left = table.index[table["goes_on"]].tolist()
    spent += len(left) * (total - before)
    return left, spent / (total * len(pool))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="embeddings, one for each task")
    parser.add_argument("--rounds", nargs="+", type=int, default=[250, 500])
    parser.add_argument("--proxy", choices=sorted(ON_VAL), default="linear_scaled")
    parser.add_argument("--level", type=float, default=0.95)
    parser.add_argument("--picks", type=int, default=3)
    parser.add_argument("--resamples", type=int, default=20)
    parser.add_argument("--bootstrap", action="store_true")
    parser.add_argument("--cuts", type=int, default=0, help="of the features of each model")
    args = parser.parse_args()

    limit_threads(1)
    folders = args.folders or sorted(Path("results/mini/embeddings").iterdir())
    settings = read_yaml(CONFIG)["proxies"].get(args.proxy, {})
    for folder in folders:
        pool = read_pool(folder, args.cuts)
        rows = []
        for number in range(args.resamples):
            draws, seed = generator(number, "resample", folder.name), derive_seed(number, "rounds")
            drawn = resplit(pool, draws, args.bootstrap)
            whole = {
                model: score(args.proxy, each, settings, seed) for model, each in drawn.items()
            }
            picks = pd.Series(whole).nlargest(args.picks).index
            left, share = search(drawn, args, settings, seed)
            rows.append((set(picks) <= set(left), share, len(left)))
        same, share, left = np.mean(rows, axis=0)
        print(f"{folder.name}: {len(pool)} models, {args.resamples} splits: the same first "
              f"{args.picks} in {100 * same:.0f} %, {100 * share:.0f} % of the pictures embedded, "
              f"{left:.1f} models left", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
