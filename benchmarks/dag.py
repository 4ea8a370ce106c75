"""Plan a run of many models, beside a bare Snakefile of the same jobs that says nothing else.

    python benchmarks/dag.py [--models 46 100 300 1000] [--rounds 3] [--jobs 200]

The run is config/vtab1k.yaml, its models repeated under new names: (models x 19 tasks) embeddings,
kNN and linear proxies and fine-tunes. The bare rules have outputs, inputs and `true`, so they are
what Snakemake takes for a graph of that size. Then `--jobs` jobs that do nothing are run one after
the other, beside as many bare `bash -c true`. Times are processor seconds, medians of alternating
rounds, and memory is the peak.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.machine import job_memory

ROOT = Path(__file__).parents[1]
NEEDED = ["Snakefile", "config", "envs", "profiles", "resources", "rules", "slurm", "workflow"]
BARE = """
MODELS, TASKS, SCORES = range({models}), range(19), ["knn", "linear", "finetune"]
rule all:
    input: expand("{{score}}/{{task}}/{{model}}", score=SCORES, task=TASKS, model=MODELS)
rule fetch:
    output: "weights/{{model}}"
    shell: "true"
rule convert:
    input: "weights/{{model}}"
    output: "checkpoint/{{model}}"
    shell: "true"
rule decode:
    output: "task/{{task}}"
    shell: "true"
rule embed:
    input: "checkpoint/{{model}}", "task/{{task}}"
    output: "embedding/{{task}}/{{model}}"
    shell: "true"
rule knn:
    input: "embedding/{{task}}/{{model}}"
    output: "knn/{{task}}/{{model}}"
    shell: "true"
rule linear:
    input: "embedding/{{task}}/{{model}}"
    output: "linear/{{task}}/{{model}}"
    shell: "true"
rule finetune:
    input: "checkpoint/{{model}}", "task/{{task}}"
    output: "finetune/{{task}}/{{model}}"
    shell: "true"
"""
NOTHING = """
rule all:
    input: expand("{{job}}", job=range({jobs}))
rule nothing:
    output: touch("{{job}}")
    shell: "true"
"""


def write_run(folder, models):
    """Write the config and the cards of a run with so many models; give the config's path."""
    config = yaml.safe_load((ROOT / "config/vtab1k.yaml").read_text())
    zoo = yaml.safe_load((ROOT / config["model_cards"]).read_text())
    cards = [zoo["models"][number * len(zoo["models"]) // models] for number in range(models)]
    zoo["models"] = [card | {"name": f"{card['name']}-{n}"} for n, card in enumerate(cards)]
    paths = [folder / f"{name}{models}.yaml" for name in ("zoo", "run")]
    config |= {"run": f"zoo{models}", "model_cards": str(paths[0])}
    for path, content in zip(paths, (zoo, config), strict=True):
        path.write_text(yaml.safe_dump(content))
    return paths[1]


def measure(folder, *args):
    """Run Snakemake to its end; processor seconds, elapsed seconds and peak MB."""
    command = [sys.executable, "-m", "snakemake", *args]
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    if status:
        raise SystemExit(f"failed in {folder}: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime, elapsed, job_memory.peak(usage)


def compare_graphs(folder, models, rounds):
    """Print a row of the table: Needle's graph and the bare one."""
    config, bare = write_run(folder, models), folder / f"bare{models}"
    bare.mkdir()
    (bare / "Snakefile").write_text(BARE.format(models=models))
    plan = ["--dry-run", "--quiet", "all", "--cores", "2"]
    times = [
        (measure(folder, *plan, "--configfile", str(config)), measure(bare, *plan))
        for _ in range(rounds)
    ]
    (needle, _, memory), (least, _, least_memory) = (
        map(statistics.median, zip(*each, strict=True)) for each in zip(*times, strict=True)
    )
    print(
        f"| {models} | {4 * 19 * models + 2 * models + 19} | {needle:.1f} | {least:.1f} "
        f"| {needle / least:.2f} | {memory:.0f} | {least_memory:.0f} |",
        flush=True,
    )


def compare_jobs(folder, jobs, rounds):
    """Print what a job that does nothing takes, beside what its shell takes."""
    overheads, shells = [], []
    for number in range(rounds):
        place = folder / f"nothing{number}"
        place.mkdir()
        (place / "Snakefile").write_text(NOTHING.format(jobs=jobs))
        (place / "profiles").symlink_to(ROOT / "profiles")
        plan = measure(place, "--dry-run", "--quiet", "all", "--cores", "1")[1]
        overheads.append((measure(place, "--cores", "1")[1] - plan) / jobs)
        start = time.perf_counter()
        for _ in range(jobs):
            subprocess.run(["bash", "-c", "true"], check=True)
        shells.append((time.perf_counter() - start) / jobs)
    job, shell = (1000 * statistics.median(each) for each in (overheads, shells))
    print(
        f"\n{jobs} jobs that do nothing: {job:.1f} ms each, of which bash {shell:.1f} ms (elapsed)"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="*", type=int, default=[46, 100, 300, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=200, help="0 for none")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for part in NEEDED:
            (folder / part).symlink_to(ROOT / part)
        print("| models | jobs | Needle, s | bare, s | ratio | Needle, MB | bare, MB |")
        print("|---|---|---|---|---|---|---|")
        for models in args.models:
            compare_graphs(folder, models, args.rounds)
        if args.jobs:
            compare_jobs(folder, args.jobs, args.rounds)


if __name__ == "__main__":
    main()
