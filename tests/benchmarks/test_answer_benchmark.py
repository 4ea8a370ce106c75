"""Parts of the benchmark of answers, which takes hours as a whole."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from needle.tasks.task_file import SPLITS, Task, write_task
from workflow import ROOT


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.syspath_prepend(ROOT / "benchmarks/answers")


def test_the_interval_of_a_difference_that_is_always_the_same_has_no_width():
    from answers.table import pigeonhole_interval

    values = np.full((30, 3), 0.25)
    values[::3, 1] = np.nan
    assert pigeonhole_interval(values, 50, 0.95, seed=1) == pytest.approx((0.25, 0.25))


def test_pictures_and_seeds_are_both_drawn():
    """Of either alone, the standard error of a mean is the deviation by the root of the number."""
    from answers.table import pigeonhole_interval

    generator = np.random.default_rng(0)
    of_pictures = generator.normal(size=100)
    of_seeds = generator.normal(size=40)
    for values, of in ((np.tile(of_pictures[:, None], 40), of_pictures),
                       (np.tile(of_seeds, (100, 1)), of_seeds)):  # fmt: skip
        low, high = pigeonhole_interval(values, 20_000, 0.95, seed=2)
        expected = 2 * 1.96 * of.std() / len(of) ** 0.5
        assert high - low == pytest.approx(expected, rel=0.05)


def test_the_table_pairs_pictures_by_path_over_seeds(tmp_path, capsys):
    """Hand-worked: needle is right on 3 of 4 and 2 of 2, the other on 2 of 4 and 0 of 2."""
    from answers.table import print_tables

    said = {
        0: {"needle": "aaab", "other": "aabb"},
        1: {"needle": "aa", "other": "bb"},
    }
    rows = []
    for seed, answers in said.items():
        folder = tmp_path / f"set-{seed}"
        folder.mkdir()
        for contestant, predicted in answers.items():
            paths = [f"{index}.png" for index in range(len(predicted))]
            table = pd.DataFrame({"path": paths, "label": "a", "predicted": list(predicted)})
            table.to_csv(folder / f"{contestant}.csv", index=False)
            accuracy = np.mean(table["predicted"] == "a")
            row = {"set": "set", "seed": seed, "contestant": contestant, "model": "m"}
            rows.append(row | {"val_accuracy": 0.5, "test_accuracy": accuracy, "seconds": 10.0})
    print_tables(pd.DataFrame(rows), tmp_path)
    title, _, _, _, needle, other, *_ = capsys.readouterr().out.splitlines()
    assert title == "set: 2 contestants, seeds 0, 1"
    assert needle == "| needle | m | 75.0, 100.0 | 87.5 | 17.7 |  | 50.0 |  | 10 |"
    # (1 / 4 + 2 / 2) / 2
    assert other.startswith("| other | m | 50.0, 0.0 | 25.0 | 35.4 | +62.5 [")


def test_a_seed_that_a_contestant_has_not_finished_is_not_shown(tmp_path, capsys):
    from answers.table import print_tables

    row = {"set": "set", "model": "m", "val_accuracy": 0.5, "test_accuracy": 0.5, "seconds": 1}
    rows = [row | {"seed": 0, "contestant": "needle"}, row | {"seed": 1, "contestant": "other"}]
    print_tables(pd.DataFrame(rows), tmp_path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("seconds", "epoch", "test", "epochs"), [(100, 20, 15, 4), (100, 20, 20, 4), (10, 20, 15, 1)]
)
def test_epochs_that_fit(seconds, epoch, test, epochs):
    from budget import epochs_within

    assert epochs_within(seconds, epoch, test) == epochs


def test_the_files_that_fastai_and_timm_read_are_the_split(tmp_path):
    """Folders sort as the classes do, also beyond nine, and files as the split."""
    from answers.others import _pictures

    generator = np.random.default_rng(0)
    splits = {
        split: (generator.integers(0, 256, (12, 3, 5, 4), np.uint8), generator.permutation(12))
        for split in SPLITS
    }
    card = {"name": "data", "classes": [f"class {index}" for index in range(12)]}
    write_task(tmp_path / "task.safetensors", splits, card)
    case = SimpleNamespace(task=Task(tmp_path / "task.safetensors"), folder=tmp_path)
    folder = _pictures(case)
    for split, (images, labels) in splits.items():
        files = sorted(folder.glob(f"{split}/*/*"), key=lambda path: path.stem)
        order = sorted({file.parent.name for file in files})
        assert [order.index(file.parent.name) for file in files] == labels.tolist()
        read = np.stack([np.array(Image.open(file)) for file in files])
        assert (read.transpose(0, 3, 1, 2) == images).all()
