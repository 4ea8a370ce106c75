"""Embed the train and val images of one task with one frozen model."""

import argparse
import sys
import time
from importlib.metadata import version

from needle.base.errors import run
from needle.base.files import temporary_folder
from needle.base.run_tables import read_table
from needle.base.seeds import derive_seed
from needle.base.tensors import hash_tensors, read_card
from needle.embedding.batch_size import images_at_once
from needle.embedding.embed import embed
from needle.embedding.embedding_file import SPLITS, read_embeddings, write_embeddings
from needle.embedding.joined import join, rows_left
from needle.embedding.readings import READINGS
from needle.embedding.speed import measure_speed
from needle.machine.device import choose_device, device_name
from needle.models.checkpoints import load_backbone, load_source_head
from needle.tasks.task_file import Task
from needle.tasks.task_part import TaskPart


def read_rows(path):
    """Read which pictures of train and val a round has."""
    table = read_table(path)
    return {split: table.loc[table["split"] == split, "row"].tolist() for split in SPLITS}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--memory", type=int, required=True, help="MB that it may take")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--features", choices=READINGS, default="last")
    parser.add_argument("--seed", type=int, default=0, help="of attentive features")
    parser.add_argument("--speed", action="store_true", help="measure how fast the model is")
    parser.add_argument("--pictures", nargs="?", help="table of those of a round; all if not given")
    parser.add_argument("--earlier", nargs="?", help="embeddings of the round before")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpus", type=int, default=0)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    device = choose_device(args.threads, args.gpus)
    started = time.perf_counter()
    task = Task(args.task)
    rows = read_rows(args.pictures) if args.pictures else None
    earlier = read_card(args.earlier) if args.earlier else {}
    if rows or earlier:
        labels = {split: task.labels(split) for split in SPLITS}
        left = rows_left(labels, rows, earlier.get("rows"))
        task = TaskPart(args.task, left)
    backbone, card = load_backbone(args.checkpoint)
    head = load_source_head(args.checkpoint)
    name, task_name = card["name"], task.card["name"]
    reading = READINGS[args.features](backbone)
    if args.features == "layers-mean" and reading.layers == 1:
        print(f"{name}: one layer has the last one's shape: its features are last", file=sys.stderr)
    batch_size = images_at_once(reading, card, task, device, args.memory)
    seed = derive_seed(args.seed, "attentive", name, task_name)
    with temporary_folder(args.output) as folder:
        embeddings = embed(
            backbone, card, task, batch_size, device, args.precision, args.compile, head,
            args.features, seed, folder,
        )  # fmt: skip
    if earlier:
        embeddings = join(read_embeddings(args.earlier), earlier["rows"], embeddings, left)
    spent = time.perf_counter() - started + earlier.get("seconds", 0)
    about = {
        "model": name,
        "task": task_name,
        "precision": args.precision,
        "features": args.features,
        "layers": reading.layers,
        "seconds": spent,
        # What tells other runs that the model or the task is the same.
        "weights_sha256": hash_tensors(args.checkpoint),
        "task_sha256": task.card["sha256"],
        "device": device_name(device),
        "versions": {package: version(package) for package in ("torch", "timm")},
    }
    if rows:
        about["rows"] = rows
    if args.speed:  # not of the seconds above: they are what embedding takes
        about["speed"] = measure_speed(backbone, card, task, batch_size, device)
    write_embeddings(args.output, embeddings, about)


if __name__ == "__main__":
    run(main)
