"""What the processes of a run cost: to start each program, and to analyse and draw a large run.

    python benchmarks/processes.py [--rounds 3] [--no-run]

A program's start, to its end without work, is beside that of Python with nothing but the library it
needs, and forked from a process that has torch, timm and pandas loaded. The run has
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
import psutil
import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

from needle.machine.warm.start import THREADS, start_server, write_python  # noqa: E402

LOADED = ["pandas", "timm"]
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


# A program that does nothing.
IDLE = """
import sys
sys.path.insert(0, {scripts!r})
import {program}
from needle.base.errors import run
run(lambda: None)
"""


def processor_seconds(*command, env=None):
    """Run a command to its end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=env)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(map(str, command))}")
    return usage.ru_utime + usage.ru_stime


def spent(server):
    """Processor seconds of the process that jobs are forked from, and of those that have ended."""
    return sum(server.cpu_times()[:4])


def compare_starts(rounds, folder):
    """Print a row for each program: alone, forked, and its library alone."""
    kept, place = start_server()
    python = write_python(place, LOADED, [folder / f"{program}.py" for program in PROGRAMS])
    (server,) = [p for p in psutil.Process().children() if place in p.cmdline()]
    env = os.environ | dict.fromkeys(THREADS, "1")
    print("| program | start, s | forked, s | library | alone, s | start / alone |")
    print("|---|---|---|---|---|---|")
    for program, library in PROGRAMS.items():
        path = folder / f"{program}.py"
        path.write_text(IDLE.format(scripts=str(ROOT / "workflow/scripts"), program=program))
        alone = [sys.executable, "-c", f"import os, {library}; os._exit(0)"]
        processor_seconds(python / "python", path, env=env)  # the first has the libraries loaded
        times = []
        for _ in range(rounds):
            before = spent(server)
            client = processor_seconds(python / "python", path, env=env)
            forked = client + spent(server) - before
            start = processor_seconds(sys.executable, path, env=env)
            times.append((start, forked, processor_seconds(*alone, env=env)))
        start, forked, alone = map(statistics.median, zip(*times, strict=True))
        print(
            f"| {program} | {start:.2f} | {forked:.2f} | {library} | {alone:.2f} "
            f"| {start / alone:.2f} |",
            flush=True,
        )
    kept.close()


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
    env = os.environ | {"NEEDLE_WARM": "0"}  # of forked jobs Snakemake's records know the time only
    for target in ("tables", "figures"):
        start = time.perf_counter()
        subprocess.run(
            [*command, "--", target], cwd=folder, check=True, capture_output=True, env=env
        )
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

    with tempfile.TemporaryDirectory() as folder:
        compare_starts(args.rounds, Path(folder))
        if not args.no_run:
            time_run(Path(folder))


if __name__ == "__main__":
    main()
