"""Peak memory of embedding and fine-tuning with each model of the pool for photographs.

    python benchmarks/memory.py [--config config/photos.yaml] [--models NAME ...] [--features last]

Runs the rules' programs on a processor, one thread, with the config's protocol for machines without
a GPU, two steps of it. Memory does not depend on the weights, so they are random; a picture is 300
x 400 pixels.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from needle.base.schema import read_yaml
from needle.machine import job_memory
from needle.machine.allocator import KEEP_MEMORY
from needle.models.backbones import build
from needle.models.checkpoints import save_checkpoint
from needle.run.protocol_files import with_protocols
from needle.tasks.examples import Examples
from needle.tasks.task_file import write_pictures

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "workflow/scripts"
PICTURES = 64
STEPS = 2


def write_checkpoint(path, card):
    """Write a checkpoint with random weights."""
    save_checkpoint(path, build(card), card)


def peak(program, **arguments):
    """Peak memory in MB of a program of the rules; its log is shown if it fails."""
    command = [sys.executable, SCRIPTS / program]
    for name, value in arguments.items():
        command += [f"--{name}", str(value)]
    env = KEEP_MEMORY | os.environ
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(said)
    return job_memory.peak(usage)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="config/photos.yaml")
    parser.add_argument("--models", nargs="*")
    parser.add_argument("--features", default="last")
    args = parser.parse_args()

    config = with_protocols(read_yaml(args.config), ROOT)
    protocol = config["finetune_on_processor"] | {"steps": STEPS, "learning_rates": [0.01]}
    cards = read_yaml(config["model_cards"])["models"]
    cards = [card for card in cards if not args.models or card["name"] in args.models]
    picture = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    examples = Examples(range(PICTURES), np.arange(PICTURES) % 10, lambda index: picture)
    print("| model | parameters | embedding, MB | fine-tuning, MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        about = {"name": "data", "classes": [str(number) for number in range(10)]}
        write_pictures(folder / "task", dict.fromkeys(("train", "val", "test"), examples), about)
        for card in cards:
            # In another process: a program's peak is at least that of what has started it.
            with ProcessPoolExecutor(1) as other:
                other.submit(write_checkpoint, folder / "model", card).result()
            common = {"checkpoint": folder / "model", "task": folder / "task", "threads": 1}
            memory = job_memory.embedding(card["params"])
            embedding = peak(
                "embed.py", **common, memory=memory, features=args.features,
                output=folder / "embeddings",
            )  # fmt: skip
            tuning = peak(
                "finetune.py", **common, protocol=json.dumps(protocol), seed=1,
                weights=folder / "best", output=folder / "runs.csv",
            )  # fmt: skip
            for left in ("best", "runs.csv"):
                (folder / left).unlink(missing_ok=True)
            millions = f"{card['params'] / 1e6:.1f} M"
            print(f"| {card['name']} | {millions} | {embedding:.0f} | {tuning:.0f} |", flush=True)


if __name__ == "__main__":
    main()
