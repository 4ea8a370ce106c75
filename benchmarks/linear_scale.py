"""The linear proxy and its scaled form on a finished run, with features as they are and rescaled.

    OPENBLAS_NUM_THREADS=1 python benchmarks/linear_scale.py results/mini config.yaml
    OPENBLAS_NUM_THREADS=1 python benchmarks/linear_scale.py results/signs config/photos.yaml

Kendall's tau with the accuracy after fine-tuning and relative regret of the first one and two
picks, in percent, are means over the run's tasks; the accuracy on val is the mean over all models
and tasks. The first rows multiply all features by one number, or those of each model by a number
of its own, from 0.05 to 5. The last rows train on centred features of other mean lengths than that
of `linear_scaled`. "Moved" is by how many examples of val rounding moves the accuracy of a run: the
mean and the most over all runs, where the same features come in the reverse order. Of a
recommendation, which has few fine-tune results, only each model's accuracy on val is printed.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.base.seeds import derive_seed, generator
from needle.embedding.embedding_file import read_embeddings
from needle.proxies.formulas.classifiers import linear, linear_scaled
from needle.regret.regret_table import regret_table
from needle.scores.columns import DATA
from needle.scores.score_table import (
    point_values,
    proxy_repeats,
    read_models,
    read_scores,
    score_rows,
)
from needle.strategies.picks import pick_table
from needle.tables.correlation import correlation_table

LENGTHS = [1, 3, 30, 100]


def times(embeddings, factor):
    """Multiply all features."""
    return dataclasses.replace(
        embeddings,
        train_features=embeddings.train_features * np.float32(factor),
        val_features=embeddings.val_features * np.float32(factor),
    )


def backwards(embeddings):
    """Reverse the order of the features: nothing changes but the rounding of sums."""
    return dataclasses.replace(
        embeddings,
        train_features=np.ascontiguousarray(embeddings.train_features[:, ::-1]),
        val_features=np.ascontiguousarray(embeddings.val_features[:, ::-1]),
    )


def own(model):
    """Draw the factor of a model, from 0.05 to 5."""
    return 0.05 * 100 ** generator(1, model).uniform()


def forms():
    """List what is measured: how the features become those that the linear proxy sees, by name."""
    scaled = linear_scaled.scaled
    natural = {
        "linear": lambda found, model: found,
        "linear, x 0.05": lambda found, model: times(found, 0.05),
        "linear, x 5": lambda found, model: times(found, 5),
        "linear, each model x its own": lambda found, model: times(found, own(model)),
        "linear_scaled": lambda found, model: scaled(found),
        "linear_scaled, x 0.05": lambda found, model: scaled(times(found, 0.05)),
        "linear_scaled, x 5": lambda found, model: scaled(times(found, 5)),
        "linear_scaled, each model x its own": lambda found, model: scaled(
            times(found, own(model))
        ),
    }
    return natural | {
        f"length {length}": lambda found, model, length=length: times(
            scaled(found), length / linear_scaled.LENGTH
        )
        for length in LENGTHS
    }


def score_table(results, config):
    """Compute every form on every model and task.

    Gives rows of scores.csv, the features' lengths, and by form the examples that moved in a run.
    """
    protocol, tables, lengths = config["proxies"]["linear_scaled"], [], {}
    moved = {name: [] for name in forms()}
    for path in sorted((results / "embeddings").glob("*/*.safetensors")):
        task, model = path.parent.name, path.name.removesuffix(".safetensors")
        seeds = [
            derive_seed(config["seed"], "linear", model, task, repeat)
            for repeat in range(protocol["repeats"])
        ]
        found = read_embeddings(path)
        lengths[model, task] = np.sqrt((found.train_features**2).sum(axis=1).mean())
        for name, change in forms().items():
            changed = change(found, model)
            runs, again = (
                pd.DataFrame(linear.runs(each, protocol, seeds))
                for each in (changed, backwards(changed))
            )
            tables.append(score_rows(model, task, name, proxy_repeats(runs)))
            moved[name] += list((again["value"] - runs["value"]).abs() * len(found.val_labels))
    return pd.concat(tables), lengths, moved


def print_benchmark(results, tried, moved):
    """Set the forms beside what fine-tuning gave, as means over the tasks."""
    models, scores = read_models(results / "models.csv"), read_scores(results / "scores.csv")
    scores = pd.concat([scores[scores["score"] == "finetune"], tried])
    points, members = point_values(scores), {"all": list(models.index)}
    picks, _ = pick_table(models, members, points)
    regret = regret_table(picks, members, scores, points, resamples=1, level=0.95, seed=0)
    correlation = correlation_table(members, points, regret)
    print("| | accuracy on val | Kendall's tau | B = 1 | B = 2 | moved |")
    print("|---|---|---|---|---|---|")
    for name in forms():
        mine = regret[regret["strategy"] == name].groupby("budget")["relative_regret"].mean()
        tau = correlation[correlation["proxy"] == name].drop_duplicates("task")["kendall"].mean()
        cells = [f"{100 * mine[budget]:.1f}" for budget in (1, 2)]
        cells.append(f"{np.mean(moved[name]):.1f}, {max(moved[name]):.0f}")
        print(f"| {name} | {100 * points[name].mean():.1f} | {tau:.3f} |", " | ".join(cells), "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("config", type=Path)
    args = parser.parse_args()

    tried, lengths, moved = score_table(args.results, yaml.safe_load(args.config.read_text()))
    known = pd.Series(lengths)
    print(f"root mean square lengths of the features: {known.min():.2g} to {known.max():.2g}\n")
    if (args.results / "scores.csv").exists():
        print_benchmark(args.results, tried, moved)
    else:
        print((100 * point_values(tried).loc[DATA].T).round(1).loc[list(forms())].to_string())


if __name__ == "__main__":
    main()
