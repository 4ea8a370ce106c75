"""Embed the train and val images of one task with one frozen model."""

import argparse
import time

from needle.base.errors import run
from needle.embedding.batch_size import images_at_once
from needle.embedding.embed import embed
from needle.embedding.embedding_file import write_embeddings
from needle.machine.device import choose_device
from needle.models.checkpoints import load_backbone, load_source_head
from needle.tasks.task_file import Task


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--memory", type=int, required=True, help="MB that it may take")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpus", type=int, default=0)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    device = choose_device(args.threads, args.gpus)
    started = time.perf_counter()
    task = Task(args.task)
    backbone, card = load_backbone(args.checkpoint)
    head = load_source_head(args.checkpoint)
    batch_size = images_at_once(backbone, card, task, device, args.memory)
    embeddings = embed(backbone, card, task, batch_size, device, args.precision, args.compile, head)
    seconds = time.perf_counter() - started
    about = {
        "model": card["name"],
        "task": task.card["name"],
        "precision": args.precision,
        "seconds": seconds,
    }
    write_embeddings(args.output, embeddings, about)


if __name__ == "__main__":
    run(main)
