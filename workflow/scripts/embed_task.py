"""Embed a task as the diagonal Fisher information of a probe network."""

import argparse
import hashlib
import time
from pathlib import Path

from needle.base.errors import run
from needle.base.seeds import derive_seed
from needle.base.tensors import write_tensors
from needle.embedding.embedding_file import read_embeddings
from needle.embedding.task2vec import fisher_diagonal, train_head
from needle.machine.device import choose_device
from needle.models.checkpoints import load_backbone
from needle.tasks.task_file import Task


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True, help="of the probe network")
    parser.add_argument("--embeddings", required=True, help="of the task by the probe network")
    parser.add_argument("--task", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpus", type=int, default=0)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    device = choose_device(args.threads, args.gpus)
    started = time.perf_counter()
    task = Task(args.task)
    backbone, card = load_backbone(args.checkpoint)
    embeddings = read_embeddings(args.embeddings)
    head = train_head(embeddings.train_features, embeddings.train_labels, task.classes)
    name = task.card["name"]
    seed = derive_seed(args.seed, "fisher", name)
    fisher = fisher_diagonal(backbone, card, head, task, device, seed)
    about = {
        "task": name,
        "model": card["name"],
        # Embeddings can be compared if the same weights made them.
        "probe": hashlib.sha256(Path(args.checkpoint).read_bytes()).hexdigest(),
        "seconds": time.perf_counter() - started,
    }
    write_tensors(args.output, {"fisher": fisher}, about)


if __name__ == "__main__":
    run(main)
