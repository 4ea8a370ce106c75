"""predict.py, run as a program of its own, says of real files what was measured on test."""

import csv
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from exported import ABOUT, CARD, CLASSES, card_of, member, most_likely, said_by
from needle.recommend.best import predict
from needle.recommend.best.export import export
from needle.tasks.examples import Examples
from needle.tasks.own.pictures import ShorterSide, Square, decode_picture
from needle.tasks.task_file import SPLITS, Task, write_pictures, write_task

NAMES = [
    "plain.png", "naïve café/中文.JPG", "it's #1.jpeg", 'comma, "quote".gif', "new\nline.bmp",
    "carriage\rreturn.tif", "-rf.webp", " blank .ppm", "100%.png", "{x}/$HOME.png", "a/b/c/d.jfif",
]  # fmt: skip
NO_UTF8 = os.fsdecode(b"no \xff utf-8.png")
BAD = {"cut.jpg": b"\xff\xd8\xff\xe0", "words.png": b"words", "empty.gif": b""}
OWN = {"input_size": 24, "interpolation": "bicubic", "crop_pct": 0.8, "crop_mode": "center"}
SQUASHED = {"input_size": 32, "interpolation": "bilinear", "crop_pct": 1.0, "crop_mode": "squash"}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Pictures of any shape, some larger than they are stored, in all formats."""
    folder = tmp_path_factory.mktemp("my pictures")
    generator = np.random.default_rng(5)
    for number, name in enumerate([*NAMES, NO_UTF8]):
        small = generator.integers(0, 256, (4, 5, 3), dtype=np.uint8)
        size = (50 + 9 * number, 90 - 5 * number)
        picture = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
        kinds = {"jpg": "JPEG", "jpeg": "JPEG", "jfif": "JPEG", "tif": "TIFF"}
        ending = name.rpartition(".")[2].lower()
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        picture.save(folder / name, kinds.get(ending, ending))
    return folder


def task_of(pictures, path, resize):
    """The task that the pictures make, as the workflow prepares it; all are test."""
    decode = Examples(
        NAMES, np.arange(len(NAMES)) % 3, lambda i: decode_picture(pictures / NAMES[i], resize)
    )
    card = {"name": "data", "label": "Birds", "classes": CLASSES} | resize.about()
    write = write_task if isinstance(resize, Square) else write_pictures
    write(path, dict.fromkeys(SPLITS, decode), card)
    return Task(path)


def run_predict(best, *arguments):
    """Run it without Needle, and in a locale that knows ASCII alone."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-P", best / "predict.py", *arguments], capture_output=True,
        env=environment, cwd=best,
    )  # fmt: skip
    out, err = (os.fsdecode(text) for text in (done.stdout, done.stderr))
    return done.returncode, list(csv.reader(out.splitlines(keepends=True))), err


def check(rows, expected):
    rows = {row[0]: row[1:] for row in rows}
    assert [rows[name][0] for name in NAMES] == most_likely(expected)
    found = [float(rows[name][1]) for name in NAMES]
    assert np.allclose(found, expected.max(axis=1), rtol=0, atol=1e-5)
    return rows


def test_an_ensemble_of_several_views_says_what_was_measured(pictures, tmp_path):
    task = task_of(pictures, tmp_path / "task.safetensors", ShorterSide(44))
    members = [
        (*member(task, card_of("test_vit", {"img_size": 24}, **OWN), 1), 0.5),
        (*member(task, CARD | SQUASHED, 2), 0.3),
        (*member(task, card_of("torchvision:mobilenet_v3_small", {}, **OWN), 3), 0.2),
    ]
    expected = said_by(members, 1.7, task)
    assert len(set(most_likely(expected))) == 3
    best = tmp_path / "it's #1"
    export(best, members, 1.7, task, ABOUT)
    status, (header, *rows), errors = run_predict(best, pictures, "--all")
    assert (status, errors) == (0, "")
    assert header == ["path", "predicted", "confidence", *CLASSES]
    assert {row[0] for row in rows} == {*NAMES, NO_UTF8}
    rows = check(rows, expected)
    found = np.array([rows[name][2:] for name in NAMES], float)
    assert np.allclose(found, expected, rtol=0, atol=1e-5)


def test_one_model_says_what_was_measured_and_names_what_it_cannot_read(pictures, tmp_path):
    task = task_of(pictures, tmp_path / "task.safetensors", Square(32))
    members = [(*member(task, CARD), 1.0)]
    export(tmp_path / "best", members, 0.6, task, ABOUT)
    spoilt = tmp_path / "spoilt"
    shutil.copytree(pictures, spoilt)
    for name, content in BAD.items():
        (spoilt / name).write_bytes(content)
    os.mkfifo(spoilt / "pipe.png")
    (spoilt / "nowhere.png").symlink_to("missing.png")
    bad = {*BAD, "pipe.png", "nowhere.png"}
    status, (header, *rows), errors = run_predict(tmp_path / "best", spoilt)
    assert status == 1
    assert header == ["path", "predicted", "confidence"]
    rows = check(rows, said_by(members, 0.6, task))
    assert rows.keys() == {*NAMES, NO_UTF8, *bad}
    assert all(rows[name] == ["", ""] for name in bad)
    assert {line.partition(": ")[0] for line in errors.splitlines()} == bad


def test_where_there_is_no_picture_it_says_so(tmp_path, monkeypatch, capsys):
    (tmp_path / "notes.txt").touch()
    monkeypatch.setattr(sys, "argv", ["predict.py", str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        predict.main()
    assert f"{tmp_path}: no pictures in it (.png .jpg" in capsys.readouterr().err
