"""What the processes of a run cost: to start each program, and to analyse and draw a large run.

    python benchmarks/processes.py [--rounds 3] [--no-run]

A program's start is beside that of Python with nothing but the library it needs. The run has
finished scores of 46 models x 19 tasks x 5 repeats, drawn at random, in the paper's five pools:
what analysis and the figures take from start to end, and each job by its own record. Starts are
processor seconds, medians of alternating rounds; the run is elapsed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROOT = Path(__file__).parents[1]
NEEDED = ["Snakefile", "config", "envs", "profiles", "resources", "rules", "workflow"]
REPEATS = 5
# What each program cannot do without.
PROGRAMS = {
    "quick_proxies": "numpy, safetensors.numpy",
    "linear": "numpy, safetensors.numpy",
    "embed": "torch, timm",
    "finetune": "torch, timm",
    "pick": "pandas",
    "compute_regret": "pandas",
    "summarise": "pandas",
    "plot_regret": "pandas, matplotlib.figure",
    "plot_scores": "pandas, matplotlib.figure",
}


def processor_seconds(*args):
    """Run Python to its end."""
    process = subprocess.Popen([sys.executable, *args], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(args)}")
    return usage.ru_utime + usage.ru_stime


def compare_starts(rounds):
    """Print a row for each program, which says its usage and ends, beside its library alone."""
    print("| program | start, s | library | alone, s | ratio |")
    print("|---|---|---|---|---|")
    for program, library in PROGRAMS.items():
        path = str(ROOT / f"workflow/scripts/{program}.py")
        times = [
            (processor_seconds(path, "--help"), processor_seconds("-c", f"import {library}"))
            for _ in range(rounds)
        ]
        start, alone = map(statistics.median, zip(*times, strict=True))
        print(
            f"| {program} | {start:.2f} | {library} | {alone:.2f} | {start / alone:.2f} |",
            flush=True,
        )


def write_run(folder):
    """Write finished scores of the paper's models on its tasks, and a config for them."""
    config = yaml.safe_load((ROOT / "config/published/haystack2021.yaml").read_text())
    models = pd.read_csv(ROOT / config["models_file"])["model"]
    cards = yaml.safe_load((ROOT / "config/tasks/vtab1k.yaml").read_text())["tasks"]
    tasks = pd.DataFrame(cards)[["name", "label", "group"]].rename(columns={"name": "task"})
    index = pd.MultiIndex.from_product(
        [models, tasks["task"], range(REPEATS)], names=["model", "task", "repeat"]
    )
    generator = np.random.default_rng(0)
    # Validation sets of 200 images make ties common.
    scores = generator.integers(80, 190, (len(index), 3)) / 200
    table = pd.DataFrame(scores, index, ["finetune", "linear", "knn"]).reset_index()
    table.loc[table["repeat"] > 0, "knn"] = np.nan
    table.to_csv(folder / "scores.csv", index=False)
    tasks.to_csv(folder / "tasks.csv", index=False)
    config |= {"run": "large", "scores_file": "scores.csv", "tasks_file": "tasks.csv"}
    del config["paper_file"]
    (folder / "large.yaml").write_text(yaml.safe_dump(config))


def time_run(folder):
    """Print what the tables and the figures of the run take, and each of its jobs."""
    for part in NEEDED:
        (folder / part).symlink_to(ROOT / part)
    write_run(folder)
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "large.yaml"]
    for target in ("tables", "figures"):
        start = time.perf_counter()
        subprocess.run([*command, "--", target], cwd=folder, check=True, capture_output=True)
        print(f"\n{target}, Snakemake included: {time.perf_counter() - start:.1f} s")
    print("\n| job | elapsed, s | processor, s | peak, MB |\n|---|---|---|---|")
    for log in sorted((folder / "logs/large").glob("*.jsonl")):
        job = json.loads(log.read_text().splitlines()[-1])
        print(f"| {log.stem} | {job['s']:.1f} | {job['cpu_time']:.1f} | {job['max_rss']:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-run", action="store_true", help="starts only")
    args = parser.parse_args()

    compare_starts(args.rounds)
    if not args.no_run:
        with tempfile.TemporaryDirectory() as folder:
            time_run(Path(folder))


if __name__ == "__main__":
    main()
