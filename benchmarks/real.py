"""The tables of docs/real.md, from a finished run of config/real.yaml.

    make run CONFIG=config/real.yaml
    python benchmarks/real.py [results/real]

Beside Needle's proxies stands scikit-learn's logistic regression on the same embeddings, scaled and
with its default penalty. Accuracies are in percent; seconds and memory are those of the run's jobs.
"""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.embedding.embedding_file import read_embeddings

PROXIES = ["linear", "knn", "lda", "leep", "logme"]
SHOWN = [
    "task-agnostic",
    "linear",
    "knn",
    "hybrid-linear",
    "leep",
    "logme",
    "oracle-average",
    "random",
]


def logistic_regression(path):
    """Accuracy on val of a logistic regression that learned from train."""
    found = read_embeddings(path)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    model.fit(found.train_features, found.train_labels)
    return model.score(found.val_features, found.val_labels)


def job(log):
    """Seconds and peak memory in MB of a job, as Snakemake measured them."""
    measured = json.loads(Path(log).read_text(encoding="utf-8").splitlines()[-1])
    return f"{measured['s']:.0f} s, {measured['max_rss']:.0f} MB"


def print_table(columns, rows):
    """Print a table in markdown."""
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print()


def models_table(results, scores):
    """What each proxy says of each model, and what it reached."""
    logs = Path("logs", results.name)
    for (task, model), rows in scores.groupby(["task", "model"], sort=False):
        values = {score: part["value"].tolist() for score, part in rows.groupby("score")}
        regression = logistic_regression(results / f"embeddings/{task}/{model}.safetensors")
        proxies = [pd.Series(values[proxy]).median() for proxy in PROXIES]
        accuracies = [f"{100 * value:.1f}" for value in (*proxies[:3], regression)]
        tuned = ", ".join(f"{100 * value:.1f}" for value in values["finetune"])
        yield [
            task, model, *accuracies, *(f"{value:.2f}" for value in proxies[3:]), tuned,
            job(logs / f"embeddings/{task}/{model}.jsonl"),
            job(logs / f"finetune/{task}/{model}.jsonl"),
        ]  # fmt: skip


def regret_table(results):
    """What each strategy picked, and its relative regret in percent with the interval."""
    picks = pd.read_csv(results / "picks.csv")
    regret = pd.read_csv(results / "regret.csv")
    for (task, strategy), rows in regret[regret["budget"] <= 2].groupby(["task", "strategy"]):
        if strategy not in SHOWN:
            continue
        chosen = picks[(picks["task"] == task) & (picks["strategy"] == strategy)]
        names = chosen.sort_values("rank")["model"].str.removesuffix(".in1k")[:2]
        cells = [
            f"{100 * row.relative_regret:.1f} [{100 * row.low:.1f}, {100 * row.high:.1f}]"
            for row in rows.sort_values("budget").itertuples()
        ]
        yield [task, strategy, ", ".join(names) or "any", *cells]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=Path("results/real"))
    results = parser.parse_args().results
    scores = pd.read_csv(results / "scores.csv")
    print_table(
        ["task", "model", "linear", "kNN", "LDA", "logistic regression", "LEEP", "LogME",
         "fine-tuned, each seed", "embedding", "fine-tuning"],
        models_table(results, scores),
    )  # fmt: skip
    print_table(["task", "strategy", "picks", "B = 1", "B = 2"], regret_table(results))


if __name__ == "__main__":
    main()
