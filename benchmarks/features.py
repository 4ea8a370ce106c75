"""What `embedding.features` does to kNN and the linear proxy: accuracy, and order of the models.

    python benchmarks/features.py [--config config.yaml] [--scores results/mini/scores.csv]

Checkpoints and task files are those of the config's run in `resources/`; embeddings are made anew,
on a processor, with one thread. With the run's scores, Kendall's tau of each proxy to fine-tuning.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.base.schema import read_yaml
from needle.base.seeds import derive_seed
from needle.embedding.batch_size import images_at_once
from needle.embedding.embed import embed
from needle.embedding.readings import READINGS
from needle.machine import job_memory
from needle.machine.device import limit_threads
from needle.models.checkpoints import load_backbone
from needle.proxies.formulas.classifiers import knn, linear
from needle.run.run import read_run
from needle.scores.score_table import point_values, proxy_repeats, read_scores
from needle.tables.correlation import correlate
from needle.tasks.task_file import Task

PROXIES = ["knn", "linear"]
SCHEMAS = Path(__file__).parents[1] / "config/schema"


def measure(features, model, task, config, checkpoint):
    """Embed one task with one model and compute both proxies, with the seeds of the rules."""
    backbone, card = load_backbone(checkpoint)
    reading = READINGS[features](backbone)
    count = images_at_once(reading, card, task, "cpu", job_memory.embedding(card["params"]))
    seed = derive_seed(config["seed"], "attentive", model, task.card["name"])
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        embeddings = embed(
            backbone, card, task, count, "cpu", features=features, seed=seed, folder=folder
        )
    seconds = time.perf_counter() - started
    protocol = config["proxies"]["linear"]
    seeds = [
        derive_seed(config["seed"], "linear", model, task.card["name"], repeat)
        for repeat in range(protocol["repeats"])
    ]
    runs = pd.DataFrame(linear.runs(embeddings, protocol, seeds))
    return {"knn": knn.score(embeddings), "linear": proxy_repeats(runs).median(),
            "seconds": seconds}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="config.yaml")
    parser.add_argument("--scores")
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
            for features in READINGS:
                found = measure(features, model, file, config, checkpoint)
                rows.append({"task": task, "model": model, "features": features} | found)
    print_accuracies(pd.DataFrame(rows))
    if args.scores:
        print_taus(pd.DataFrame(rows), point_values(read_scores(args.scores))["finetune"])


def print_accuracies(table):
    """Print what each proxy says of each model, in percent."""
    print("| task | features | kNN | linear | seconds a model |\n|---|---|---|---|---|")
    for (task, features), part in table.groupby(["task", "features"], sort=False):
        each = [", ".join(f"{100 * value:.1f}" for value in part[proxy]) for proxy in PROXIES]
        print(f"| {task} | {features} | {' | '.join(each)} | {part['seconds'].mean():.1f} |")


def print_taus(table, tuned):
    """Print Kendall's tau of each task, the mean, and that of the differences from `last`."""
    taus = pd.Series(
        {
            (proxy, features, task): correlate(
                tuned[task].reindex(part["model"]).to_numpy(), part[proxy].to_numpy()
            )[1]
            for proxy in PROXIES
            for (features, task), part in table.groupby(["features", "task"], sort=False)
        }
    ).unstack(sort=False)
    print(f"\n| proxy | features | {' | '.join(taus)} | mean | less last, standard error |")
    print("|" + "---|" * (len(taus.columns) + 4))
    for (proxy, features), values in taus.iterrows():
        less = values - taus.loc[proxy, "last"]
        error = less.std() / len(less) ** 0.5
        each = " | ".join(f"{value:.2f}" for value in [*values, values.mean()])
        print(f"| {proxy} | {features} | {each} | {less.mean():+.2f} ± {error:.2f} |")


if __name__ == "__main__":
    main()
