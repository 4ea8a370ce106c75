"""Regret with a budget of 0 allowed: a frozen model with a tuned head is an answer too.

    python benchmarks/frozen_answer.py [--results results/mini] [--strategies linear knn ...]

It reads a finished run of `config.yaml`, its task files and checkpoints, embeds the test images
of each task and tunes the head of each model on train, its penalty on val. Then each strategy
answers at each budget B, on the pool of all models, in three ways:

- frozen: the best head on val of its first max(B, 1) picks;
- tuned: the best fine-tuned pick on val, as before;
- either: the best on val of both, the frozen one if they are level.

Regret is relative to the best accuracy on test of any model, fine-tuned (median over repeats) or
frozen. What is fine-tuned is chosen and judged repeat by repeat; accuracies are means over repeats.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.base.deltas import relative_regret
from needle.base.run_tables import read_table
from needle.base.schema import read_yaml
from needle.base.seeds import derive_seed
from needle.embedding.embedding_file import read_embeddings
from needle.machine.device import limit_threads
from needle.models.backbones import normalise
from needle.models.checkpoints import load_backbone
from needle.models.views import view_of
from needle.pages.headline import interval_cell
from needle.pages.page import text_table
from needle.proxies.tuned_head import tune_head
from needle.regret.uncertainty import means
from needle.scores.protocols import OWN, score_of
from needle.tasks.task_file import Task

CONFIG = Path(__file__).parents[1] / "config.yaml"
WAYS = ["frozen", "tuned", "either"]
BATCH = 500  # images


@torch.inference_mode()
def test_features(checkpoint, task):
    """Embed the test images of a task: float32 (N, D)."""
    backbone, card = load_backbone(checkpoint)
    backbone.eval()
    view = view_of(task, card)
    chunks = task.chunks("test", BATCH)
    return np.concatenate(
        [backbone(normalise(view(images, "cpu"), card)).numpy() for images, _ in chunks]
    )


def frozen_accuracies(embeddings, features, labels):
    """Tune the head of a frozen model: its accuracies on val and test."""
    head = tune_head(
        embeddings.train_features,
        embeddings.train_labels,
        embeddings.val_features,
        embeddings.val_labels,
        embeddings.classes,
    )
    return tuple(
        float((head.logits(inputs).argmax(axis=1) == truth).mean())
        for inputs, truth in ((embeddings.val_features, embeddings.val_labels), (features, labels))
    )


def tuned_accuracies(runs):
    """Take the best run on val of every repeat: its accuracies on val and test, (repeats, 2)."""
    columns = ["val_accuracy", "test_accuracy"]
    finite = runs[~runs["diverged"].astype(bool)]
    best = finite.loc[finite.groupby("repeat")["val_accuracy"].idxmax()].set_index("repeat")
    return best[columns].reindex(runs["repeat"].unique()).to_numpy(float)


def answer(frozen, tuned, budget):
    """Choose on val and judge on test, in each of the `WAYS`.

    Parameters
    ----------
    frozen : numpy.ndarray, shape (n, 2)
        Accuracies on val and test, in the order of the picks.
    tuned : numpy.ndarray, shape (n, repeats, 2)
    budget : int
        With 0 nothing is fine-tuned.

    Returns
    -------
    tuple of float
        Mean accuracies on test; NaN for what there is not.

    Examples
    --------
    >>> frozen, tuned = np.array([[0.6, 0.5], [0.7, 0.6]]), np.array([[[0.7, 0.8]], [[0.6, 0.9]]])
    >>> answer(frozen, tuned, 0), answer(frozen, tuned, 2)
    ((0.5, nan, 0.5), (0.6, 0.8, 0.6))
    """
    heads = frozen[: max(budget, 1)]
    head = heads[heads[:, 0].argmax()]
    found = []
    for repeat in range(tuned.shape[1]):
        picks = tuned[:budget, repeat]
        picks = picks[~np.isnan(picks[:, 0])]
        if not len(picks):
            found.append((head[1], np.nan, head[1]))
            continue
        pick = picks[picks[:, 0].argmax()]
        found.append((head[1], pick[1], (pick if pick[0] > head[0] else head)[1]))
    return tuple(np.mean(found, axis=0).tolist())


def measure(run, folder, results, protocol):
    """Measure all heads of a run, and read what fine-tuning reached: by task and model."""
    frozen, tuned = {}, {}
    pairs = [(task, model) for task in run["tasks"] for model in run["models"]]
    for task, model in tqdm(pairs, unit=" heads"):
        file = Task(folder / f"tasks/mini/{task}-{run['size']}px.safetensors")
        features = test_features(folder / f"checkpoints/mini/{model}.safetensors", file)
        embeddings = read_embeddings(results / f"embeddings/{task}/{model}.safetensors")
        frozen[task, model] = frozen_accuracies(embeddings, features, file.labels("test"))
        runs = read_table(results / score_of(protocol) / task / f"{model}.csv")
        tuned[task, model] = tuned_accuracies(runs)
    return frozen, tuned


def print_tasks(run, frozen, tuned):
    """Print by task what models reach on test, frozen and fine-tuned."""
    rows = []
    for task in run["tasks"]:
        heads = np.array([frozen[task, model][1] for model in run["models"]])
        medians = np.array([np.nanmedian(tuned[task, model][:, 1]) for model in run["models"]])
        rows.append(
            {
                "task": task,
                "best frozen": f"{100 * heads.max():.1f}",
                "best fine-tuned": f"{100 * np.nanmax(medians):.1f}",
                "mean frozen": f"{100 * heads.mean():.1f}",
                "mean fine-tuned": f"{100 * np.nanmean(medians):.1f}",
                "frozen ahead": f"{(heads > medians).sum()} of {len(heads)}",
            }
        )
    print(f"Accuracy on test in percent:\n{text_table(pd.DataFrame(rows))}\n")


def regrets_of(task, picks, frozen, tuned, budget):
    """Compute the relative regrets of a strategy on one task, in each of the `WAYS`."""
    on_task = [pair for pair in frozen if pair[0] == task]
    oracle = max(
        max(frozen[pair][1] for pair in on_task),
        np.nanmax([np.nanmedian(tuned[pair][:, 1]) for pair in on_task]),
    )
    ranked = picks[picks["task"] == task].sort_values("rank")["model"]
    heads = np.array([frozen[task, model] for model in ranked])
    repeats = np.array([tuned[task, model] for model in ranked])
    return relative_regret(oracle, answer(heads, repeats, budget))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=Path("results/mini"))
    parser.add_argument("--resources", type=Path, default=Path("resources"))
    parser.add_argument("--protocol", default=OWN, help="of fine-tuning, such as modern")
    parser.add_argument("--budgets", nargs="+", type=int, default=[0, 1, 2, 3])
    parser.add_argument("--strategies", nargs="+", default=["linear", "knn", "hybrid-linear"])
    args = parser.parse_args()

    limit_threads(1)
    config = read_yaml(CONFIG)
    run = {
        "tasks": list(read_table(args.results / "tasks.csv")["task"]),
        "models": list(read_table(args.results / "models.csv")["model"]),
        "size": config["image_size"],
    }
    frozen, tuned = measure(run, args.resources, args.results, args.protocol)
    print_tasks(run, frozen, tuned)
    picks = read_table(args.results / "picks.csv")
    picks = picks[picks["pool"] == "all"]
    uncertainty = config["uncertainty"]
    bootstrap = uncertainty["resamples"], uncertainty["level"], derive_seed(config["seed"], "tasks")
    rows = []
    for strategy in args.strategies:
        mine = picks[picks["strategy"] == strategy]
        for budget in args.budgets:
            regrets = [regrets_of(task, mine, frozen, tuned, budget) for task in run["tasks"]]
            found = means(np.array(regrets).T, *bootstrap).T
            cells = [interval_cell(*each) for each in found]
            rows.append(
                {"strategy": strategy, "B": str(budget)} | dict(zip(WAYS, cells, strict=True))
            )
    level = f"{uncertainty['level']:.0%}"
    print(
        f"Mean relative regret in percent ({level} interval over tasks), the answer chosen on val:"
    )
    print(text_table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
