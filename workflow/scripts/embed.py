"""Embed the train and val images of one task with one frozen model."""

import argparse
import time

import torch
from needle.embeddings import Embeddings, write_embeddings
from needle.errors import run
from needle.tasks import Task
from needle.zoo.checkpoints import load_backbone
from needle.zoo.models import forward_all


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    started = time.perf_counter()
    task = Task(args.task)
    model, card = load_backbone(args.checkpoint)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device)
    parts = {}
    for split in ("train", "val"):
        images, labels = task.split(split)
        features = forward_all(model, torch.from_numpy(images).to(device), card, args.batch_size)
        parts |= {f"{split}_features": features.float().cpu().numpy(), f"{split}_labels": labels}
    seconds = time.perf_counter() - started
    write_embeddings(
        args.output,
        Embeddings(**parts, classes=task.classes),
        {"model": card["name"], "task": task.card["name"], "seconds": seconds},
    )


if __name__ == "__main__":
    run(main)
