"""Find how many processor threads a job should have, for the models of `mini`.

    python benchmarks/threads.py [--models resnet10t.mix byobnet.mix] [--seconds 5]

As many jobs side by side as the machine's cores allow: on two cores two of one thread, or one of
two. Embedding and fine-tuning are measured as in gpu.py, at the size and in the batches of
config.yaml: images per second of all jobs together, and the ratio to the bare forward pass and
training step of the same model in the same process, the median over rounds in turns, of the slowest
job.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
from pathlib import Path

import torch
import yaml

sys.path.insert(0, str(Path(__file__).parent))

import gpu

from needle.embedding.batch_size import LARGEST
from needle.machine.allocator import keep_memory

ROOT = Path(__file__).parents[1]
STAGES = {"embedding": gpu.embedding, "fine-tuning": gpu.finetuning}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["resnet10t.mix", "byobnet.mix"])
    parser.add_argument("--seconds", type=float, default=5, help="for each of four figures")
    args = parser.parse_args()
    os.environ["TQDM_DISABLE"] = "1"
    zoo = yaml.safe_load((ROOT / "config/zoo/mini.yaml").read_text())
    cards = {card["name"]: card for card in zoo["models"]}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{cores} cores; torch {torch.__version__}\n")
    print("| model | stage | jobs x threads | images/s | of bare |\n|---|---|---|---|---|")
    for name in args.models:
        for stage in STAGES:
            for threads in (n for n in range(1, cores + 1) if cores % n == 0):
                jobs = measure(cards[name], stage, threads, cores // threads, args.seconds)
                rate = sum(statistics.median(mine) for mine, _ in jobs)
                share = min(
                    statistics.median(a / b for a, b in zip(*job, strict=True)) for job in jobs
                )
                row = f"| {name} | {stage} | {len(jobs)} x {threads} | {rate:.0f} | {share:.0%} |"
                print(row, flush=True)


def measure(card, stage, threads, processes, seconds):
    """Run the same job in processes side by side: for each, Needle's rates and the bare ones."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        jobs = [(card, stage, threads, seconds)] * processes
        return pool.starmap(rates, jobs, chunksize=1)


def rates(card, stage, threads, seconds):
    """Measure one job's images per second, Needle's and bare, one of each for every round."""
    torch.set_num_threads(threads)
    run = yaml.safe_load((ROOT / "config.yaml").read_text())
    args = argparse.Namespace(
        size=run["image_size"], precision="float32", seconds=seconds,
        batch_size=LARGEST if stage == "embedding" else run["finetune"]["batch_size"],
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        places = [folder] if stage == "embedding" else []
        return gpu.compare(*STAGES[stage](card, args, "cpu", *places), args)


if __name__ == "__main__":
    keep_memory()
    main()
