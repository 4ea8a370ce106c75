"""Which pool is taken for which data."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from made import listed, numbered, paint, save_npz, save_parquet, write
from needle.run import pool_choice
from needle.run.pool_choice import EMBEDDED, PHOTOS, choose_config

PROGRAM = Path(__file__).parents[2] / "workflow/scripts/choose_config.py"
SMALL = EMBEDDED, "no picture has a side above 64 pixels: the embedded zoo"
NONE = EMBEDDED, "no picture can be read: the embedded zoo"


def photographs(width, height):
    return PHOTOS, f"a picture of {width} x {height} pixels: the pool for photographs"


def paint_one(path, *size):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size).save(path)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((64, 64), SMALL), ((65, 2), photographs(65, 2)), ((2, 65), photographs(2, 65))],
)
def test_one_side_above_64_pixels_is_enough(tmp_path, size, expected):
    paint(tmp_path, {"a": 3, "b": 3}, size=(64, 64))
    paint_one(tmp_path / "b/9.png", *size)
    assert choose_config(tmp_path) == expected


def test_splits_and_deeper_folders_are_looked_at(tmp_path):
    paint(tmp_path / "train", {"a": 1, "b": 1})
    paint(tmp_path / "test", {"a": 1})
    assert choose_config(tmp_path) == SMALL
    paint_one(tmp_path / "test/b/2020/May/1.jpg", 464, 348)
    assert choose_config(tmp_path) == photographs(464, 348)


def test_a_list(tmp_path):
    paint_one(tmp_path / "pictures/small.png", 8, 8)
    paint_one(tmp_path / "pictures/large.bmp", 100, 20)
    os.mkfifo(tmp_path / "pipe")
    lines = ["path,label", "pictures/small.png,a", "nowhere.png,b", "pipe,c", "x\0,d"]
    assert choose_config(listed(tmp_path, lines)) == SMALL
    assert choose_config(listed(tmp_path, [*lines, "pictures/large.bmp,b"])) == photographs(100, 20)


def test_what_cannot_be_read_is_passed_over(tmp_path):
    write(tmp_path / "a/0.jpg", "no picture")
    write(tmp_path / "a/1.jpg", "")
    paint_one(tmp_path / "a/2.ico", 100, 100)
    (tmp_path / "a/2.ico").rename(tmp_path / "a/2.png")
    assert choose_config(tmp_path) == NONE
    paint_one(tmp_path / "a/3.png", 8, 8)
    assert choose_config(tmp_path) == SMALL
    paint_one(tmp_path / "a/4.png", 99, 98)
    cut = (tmp_path / "a/4.png").read_bytes()[:60]
    (tmp_path / "a/4.png").write_bytes(cut)
    assert choose_config(tmp_path) == photographs(99, 98)  # the header is whole


@pytest.mark.parametrize("name", ["nowhere", "empty", "archive.zip", "latin.csv", "semicolon.csv"])
def test_data_without_a_picture_that_can_be_listed(tmp_path, name):
    (tmp_path / "empty").mkdir()
    write(tmp_path / "archive.zip", "")
    (tmp_path / "latin.csv").write_bytes("path,label\né,a".encode("latin-1"))
    write(tmp_path / "semicolon.csv", "path;label\na;b")
    assert choose_config(tmp_path / name) == NONE


def test_a_folder_that_may_not_be_read(tmp_path, monkeypatch):
    paint(tmp_path, {"a": 1})

    def locked(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(pool_choice, "find_candidates", locked)
    assert choose_config(tmp_path) == NONE


def test_embeddings_are_their_own_pool(tmp_path):
    save_npz(tmp_path, "m", numbered(2), ["a", "b"])
    paint_one(tmp_path / "a/large.png", 100, 100)
    assert choose_config(tmp_path) == (EMBEDDED, "embeddings: their models are the pool")
    (tmp_path / "tables").mkdir()
    save_parquet(tmp_path / "tables", "m", {"label": ["a"], "embedding": [[0.5]]})
    assert choose_config(tmp_path / "tables")[0] == EMBEDDED


def test_the_first_large_picture_ends_the_search_and_none_is_decoded(tmp_path, monkeypatch):
    paint(tmp_path, {"a": 9}, size=(70, 50))
    opened = []
    read = pool_choice.picture_size
    monkeypatch.setattr(pool_choice, "picture_size", lambda path: opened.append(path) or read(path))

    def load(*args):
        raise AssertionError("a picture was decoded")

    monkeypatch.setattr(Image.Image, "load", load)
    assert choose_config(tmp_path) == photographs(70, 50)
    assert len(opened) == 1


def test_a_warning_of_a_huge_picture_stays_silent(tmp_path, recwarn):
    (tmp_path / "a").mkdir()
    Image.fromarray(np.zeros((10_000, 10_000), bool)).save(tmp_path / "a/huge.png")
    assert choose_config(tmp_path) == photographs(10_000, 10_000)
    assert not recwarn.list


def test_the_program_prints_the_config_alone_and_loads_little(tmp_path):
    folder = tmp_path / "my 'old' $HOME"
    paint(folder, {"a": 1}, size=(80, 60))
    code = f"import sys, runpy; sys.argv = sys.argv[1:]; runpy.run_path({str(PROGRAM)!r}, run_name="
    code += "'__main__'); assert not {'pandas', 'torch', 'scipy'} & set(sys.modules)"
    command = [sys.executable, "-c", code, PROGRAM, folder]
    environment = os.environ | {"PYTHONPATH": str(PROGRAM.parent)}
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert result.stdout == "config/photos.yaml\n"
    assert result.stderr == (
        "a picture of 80 x 60 pixels: the pool for photographs (config/photos.yaml); CONFIG=... "
        "overrides\n"
    )
