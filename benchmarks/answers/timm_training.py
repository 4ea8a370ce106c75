"""The recipe of timm's train script, by timm's own pieces; the best epoch on val.

A program of its own: `timm_training.py job.json`. The script itself, train.py of timm's repository,
is in none of its packages. This is what it does with

    --opt adamw --lr 1e-3 --weight-decay 0.05 --sched cosine --sched-on-updates --warmup-epochs 1
    --cooldown-epochs 0 --min-lr 0 --batch-size 32

and its defaults for the rest: random resized crops of 8 to 100 % of the picture with random
interpolation, flips, colour jitter of 0.4, label smoothing of 0.1, no mixup, no moving average.
"""

import json
import sys
import time
from pathlib import Path

import timm
import torch
from budget import check_weights, epochs_within
from timm.data import create_dataset, create_loader
from timm.loss import LabelSmoothingCrossEntropy
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from timm.utils import random_seed

BATCH = 32
RATE = 1e-3
WEIGHT_DECAY = 0.05
SMOOTHING = 0.1
COLOUR = 0.4
CPU = torch.device("cpu")


def loader(job, split):
    """Pictures in batches, augmented if they are of train."""
    classes = {name: index for index, name in enumerate(job["classes"])}
    data = create_dataset("", str(Path(job["pictures"], split)), class_map=classes)
    training = split == "train"
    settings = {key: job["pretrained"][key] for key in ("mean", "std")}
    if training:
        settings |= {"color_jitter": COLOUR, "interpolation": "random"}
    else:
        settings |= {key: job["pretrained"][key] for key in ("interpolation", "crop_pct")}
    return create_loader(
        data,
        input_size=(3, job["pixels"], job["pixels"]),
        batch_size=BATCH,
        is_training=training,
        num_workers=job["threads"],
        pin_memory=False,
        device=CPU,
        **settings,
    )


@torch.inference_mode()
def predict(model, pictures):
    """Predict classes, in the order of the files' numbers."""
    model.eval()
    said = torch.cat([model(images).argmax(dim=1) for images, _ in pictures])
    names = [Path(name).stem for name in pictures.dataset.filenames(basename=True)]
    return said[sorted(range(len(names)), key=names.__getitem__)].tolist()


class Training:
    """A training of some epochs."""

    def __init__(self, job, train, epochs):
        random_seed(job["seed"])
        self.model = timm.create_model(
            job["architecture"],
            pretrained=True,
            num_classes=len(job["classes"]),
            pretrained_cfg_overlay=job["pretrained"],
            **job["arguments"],
        )
        check_weights(self.model, job["pretrained"]["file"])
        self.train = train
        self.loss = LabelSmoothingCrossEntropy(SMOOTHING)
        self.optimiser = create_optimizer_v2(
            self.model, opt="adamw", lr=RATE, weight_decay=WEIGHT_DECAY
        )
        self.schedule, _ = create_scheduler_v2(
            self.optimiser,
            sched="cosine",
            num_epochs=epochs,
            warmup_epochs=min(1, epochs - 1),
            warmup_lr=1e-5,
            min_lr=0.0,
            cooldown_epochs=0,
            step_on_epochs=False,
            updates_per_epoch=len(train),
        )

    def epoch(self, number):
        """Train for one epoch."""
        self.model.train()
        for update, (images, labels) in enumerate(self.train, number * len(self.train)):
            self.optimiser.zero_grad()
            self.loss(self.model(images), labels).backward()
            self.optimiser.step()
            self.schedule.step_update(update + 1)


def right(said, labels):
    return sum(map(int.__eq__, said, labels)) / len(labels)


def labels_of(pictures):
    """Labels in the order of the files' numbers."""
    folders = pictures.dataset.filenames(absolute=True)
    return [int(Path(name).parent.name) for name in sorted(folders, key=lambda n: Path(n).stem)]


def main():
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    torch.set_num_threads(job["threads"])
    train, val, test = (loader(job, split) for split in ("train", "val", "test"))

    probe = Training(job, train, 1)
    times = [time.perf_counter()]
    probe.epoch(0)
    times.append(time.perf_counter())
    predict(probe.model, val)
    times.append(time.perf_counter())
    look = (times[2] - times[1]) * len(test.dataset) / len(val.dataset)

    started = time.perf_counter()
    train, val, test = (loader(job, split) for split in ("train", "val", "test"))
    epochs = epochs_within(job["seconds"], times[2] - times[0], look)
    training = Training(job, train, epochs)
    best, accuracy = None, -1.0
    for number in range(epochs):
        training.epoch(number)
        found = right(predict(training.model, val), labels_of(val))
        print(f"epoch {number + 1} of {epochs}: {found:.3f} of val", flush=True)
        if found > accuracy:
            accuracy = found
            best = {name: tensor.clone() for name, tensor in training.model.state_dict().items()}
    training.model.load_state_dict(best)
    result = {
        "epochs": epochs,
        "val_accuracy": accuracy,
        "predicted": predict(training.model, test),
        "seconds": time.perf_counter() - started,
    }
    Path(job["result"]).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
