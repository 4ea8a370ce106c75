"""fastai's way to fine-tune: `vision_learner` and `fine_tune`, the best epoch on val.

A program of its own: `fastai_training.py job.json`, in an environment that has fastai. What is not
named here is fastai's default: the head, Adam, discriminative rates around 2e-3, one cycle, first
one epoch with the body frozen. Pictures are presized and augmented as its documentation does it.
Batches are of 32, not 64, since the data are small. Its finder of learning rates is left out: it
would take 100 batches, four epochs of 800 pictures, of the time.
"""

import json
import sys
import time
from pathlib import Path

import torch
from budget import check_weights, epochs_within
from fastai.callback.tracker import SaveModelCallback
from fastai.vision.all import (
    ImageDataLoaders,
    Resize,
    accuracy,
    aug_transforms,
    set_seed,
    vision_learner,
)

BATCH = 32
PRESIZED = 1.2  # of the pixels a side


def loaders(job):
    """Pictures in batches."""
    set_seed(job["seed"])
    return ImageDataLoaders.from_folder(
        job["pictures"],
        train="train",
        valid="val",
        bs=BATCH,
        seed=job["seed"],
        num_workers=job["threads"],
        item_tfms=Resize(round(PRESIZED * job["pixels"])),
        batch_tfms=aug_transforms(size=job["pixels"], min_scale=0.75),
    )


def learner(job, data):
    """The model with fastai's head."""
    learn = vision_learner(
        data,
        job["architecture"],
        metrics=accuracy,
        path=Path(job["result"]).parent,
        model_dir="fastai",
        pretrained_cfg_overlay=job["pretrained"],
        **job["arguments"],
    )
    check_weights(learn.model[0].model, job["pretrained"]["file"])
    return learn


def time_epoch(job, data):
    """Seconds of an epoch of all weights, and of a look at val."""
    learn = learner(job, data)
    learn.unfreeze()
    with learn.no_bar():
        times = [time.perf_counter()]
        learn.fit(1)
        times.append(time.perf_counter())
        learn.validate()
        times.append(time.perf_counter())
    return times[1] - times[0], times[2] - times[1]


def main():
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    torch.set_num_threads(job["threads"])
    tests = sorted(Path(job["pictures"], "test").glob("*/*"), key=lambda path: path.stem)
    data = loaders(job)
    if list(data.vocab) != job["classes"]:
        raise SystemExit(f"classes are {data.vocab}")
    epoch, val = time_epoch(job, data)
    test = val * len(tests) / len(data.valid_ds)

    started = time.perf_counter()
    data = loaders(job)
    learn = learner(job, data)
    # One more epoch is that of the frozen body.
    epochs = max(epochs_within(job["seconds"], epoch, test) - 1, 1)
    best = SaveModelCallback(monitor="accuracy", fname="best", reset_on_fit=False)
    with learn.no_bar():
        learn.fine_tune(epochs, cbs=best)
        said, _ = learn.get_preds(dl=data.test_dl(tests))
    result = {
        "epochs": epochs + 1,
        "seconds": time.perf_counter() - started,
        "val_accuracy": float(best.best),
        "predicted": said.argmax(dim=1).tolist(),
    }
    Path(job["result"]).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
