"""What folded batch norms and bfloat16 embeddings do to the proxies of a run.

    python benchmarks/precision.py [--config config.yaml]

Checkpoints and task files are those of the config's run in `resources/`; embeddings are made anew,
on a processor, with one thread: by the model as it is, with its batch norms folded, and that in
bfloat16. For each proxy of the config: by how much the two move it, and whether the models are
ranked as they were. Proxies that are accuracies move in val images.
"""

import argparse
import contextlib
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.base.schema import read_yaml
from needle.base.seeds import derive_seed
from needle.embedding import embed as program
from needle.embedding.batch_size import images_at_once
from needle.machine import job_memory
from needle.machine.device import limit_threads
from needle.models.checkpoints import load_backbone, load_source_head
from needle.proxies.registry import TRAINED, formula
from needle.proxies.rows import proxy_row
from needle.run.run import read_run
from needle.scores.score_table import proxy_repeats
from needle.tables.correlation import correlate
from needle.tasks.task_file import Task

SCHEMAS = Path(__file__).parents[1] / "config/schema"
WAYS = ["as it is", "folded", "bfloat16"]
ACCURACIES = ["knn", "lda", "ridge", *TRAINED]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="config.yaml")
    args = parser.parse_args()

    limit_threads(1)
    config = read_yaml(args.config)
    schemas = {
        name: read_yaml(SCHEMAS / f"{name}.schema.yaml") for name in ("config", "zoo", "tasks")
    }
    run = read_run(config, schemas)
    rows = []
    for task in run.tasks:
        file = Task(
            f"resources/tasks/{run.sources[task]}/{task}-{config['image_size']}px.safetensors"
        )
        for model in run.models:
            checkpoint = f"resources/checkpoints/{run.zoo['zoo']}/{model}.safetensors"
            rows += measure(checkpoint, file, config)
    table = pd.DataFrame(rows)
    largest = table.groupby("way", sort=False)["difference"].max()
    print(", ".join(f"{way}: embeddings differ by {value:.1g}" for way, value in largest.items()))
    print_ranks(table)


def measure(checkpoint, task, config):
    """Embed one task with one model each way: a row for each way and proxy."""
    backbone, card = load_backbone(checkpoint)
    head = load_source_head(checkpoint)
    count = images_at_once(backbone, card, task, "cpu", job_memory.embedding(card["params"]))
    names = card["name"], task.card["name"]
    for way in WAYS:
        # How it was before there was folding.
        nothing = contextlib.nullcontext()
        unfolded = mock.patch.object(program, "folded", return_value=nothing)
        precision = "bfloat16" if way == "bfloat16" else "float32"
        with unfolded if way == "as it is" else nothing:
            found = program.embed(backbone, card, task, count, "cpu", precision, head=head)
        if way == "as it is":
            exact = found.val_features
        moved = np.linalg.norm(found.val_features - exact, axis=1)
        about = {"way": way, "model": names[0], "task": names[1], "images": len(exact),
                 "difference": (moved / np.linalg.norm(exact, axis=1)).max()}  # fmt: skip
        for proxy, settings in config["proxies"].items():
            yield about | {"proxy": proxy, "value": score(proxy, settings, found, names, config)}


def score(proxy, settings, embeddings, names, config):
    """Compute a proxy with the seeds of the rules."""
    if proxy not in TRAINED:
        seed = derive_seed(config["seed"], proxy, *names)
        return proxy_row(proxy, embeddings, settings, seed)["value"]
    repeats = range(settings["repeats"])
    seeds = [derive_seed(config["seed"], "linear", *names, repeat) for repeat in repeats]
    runs = pd.DataFrame(formula(proxy).runs(embeddings, settings, seeds))
    return proxy_repeats(runs).median()


def print_ranks(table):
    """Print each proxy's largest change, Kendall's tau to its ranking before, and the firsts."""
    print("\n| proxy | way | largest change | tau, mean (least) | same best model |")
    print("|---|---|---|---|---|")
    for proxy, part in table.groupby("proxy", sort=False):
        values = part.pivot(index="model", columns=["way", "task"], values="value").dropna()
        before = values[WAYS[0]]
        images = part.groupby("task")["images"].first()
        for way in WAYS[1:]:
            after = values[way]
            taus = [correlate(before[t].to_numpy(), after[t].to_numpy())[1] for t in before]
            same = sum(
                (after[t] == after[t].max())[before[t] == before[t].max()].any() for t in before
            )
            change = (after - before).abs()
            if proxy in ACCURACIES:
                cell = f"{(change * images).max(axis=None):.1f} images"
            else:
                cell = f"{(change.max() / (before.max() - before.min())).max():.1g} of the range"
            print(f"| {proxy} | {way} | {cell} | {np.nanmean(taus):.3f} ({np.nanmin(taus):.3f}) | "
                  f"{same} of {len(before.columns)} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
