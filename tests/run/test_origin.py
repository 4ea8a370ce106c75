"""A run's folder remembers what it is of."""

import json
import re

import pytest

from needle.base.errors import NeedleError
from needle.run.origin import KINDS, Origin, check_origin, write_origin

BIRDS = Origin("images", "/disk/birds/images", "a state")


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results/images"


def test_the_same_run_goes_on(results, tmp_path, monkeypatch):
    check_origin(results, BIRDS)  # nothing is there
    write_origin(results, BIRDS)
    check_origin(results, BIRDS)
    check_origin(results, Origin("images", "/disk/birds/images", "pictures were added"))
    check_origin(results, Origin("images", "/disk/cars/../birds/images", "another state"))
    check_origin(results, Origin("images", "/other disk/images", "a state"))  # moved
    (tmp_path / "link").symlink_to("/disk/birds")
    monkeypatch.chdir(tmp_path)
    check_origin(results, Origin("images", "link/images", ""))


@pytest.mark.parametrize(
    "other",
    [
        Origin("images", "/disk/cars/images", "another state"),
        Origin("images", "/disk/cars/images", ""),
        Origin("features", "/disk/birds/images", "a state"),
        Origin("benchmark"),
        Origin("finished", "scores.csv", "a state"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_another_run_is_refused_with_what_is_there(results, other, turned):
    made, new = (other, BIRDS) if turned else (BIRDS, other)
    write_origin(results, made)
    before = (results / "run.json").read_bytes()
    with pytest.raises(NeedleError) as caught:
        check_origin(results, new)
    message = str(caught.value)
    assert "\n" not in message
    assert f"{results} has the results of {KINDS[made.kind]}" in message
    assert made.data in message
    assert "give this run another name" in message
    assert ("only moved" in message) == (made.kind == new.kind)
    assert (results / "run.json").read_bytes() == before


def test_a_benchmark_may_change(results):
    write_origin(results, Origin("benchmark"))
    check_origin(results, Origin("benchmark"))


def test_what_is_written_is_the_last(results):
    write_origin(results, BIRDS)
    write_origin(results, Origin("images", "/disk/birds/images/../images é", "new"))
    made = json.loads((results / "run.json").read_text(encoding="utf-8"))
    assert made == {"kind": "images", "data": "/disk/birds/images/../images é", "state": "new"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"kind": "images", "x": 1}', '{"data": "x"}']
)
def test_a_broken_note_is_said(results, text):
    results.mkdir(parents=True)
    (results / "run.json").write_text(text)
    with pytest.raises(NeedleError, match=re.escape(f"{results}/run.json: cannot be read")):
        check_origin(results, BIRDS)


OLD = {
    "images": {"data/task-32px.safetensors": "", "models.csv": ""},
    "features": {"data/problems.csv": "", "embeddings/data/m.safetensors": ""},
    "benchmark": {"embeddings/digits/m.safetensors": "", "scores.csv": ""},
    "finished": {"scores.csv": "", "tables/headline.txt": ""},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_of_before_is_told_by_its_files(results, kind):
    for path, text in OLD[kind].items():
        (results / path).parent.mkdir(parents=True, exist_ok=True)
        (results / path).write_text(text)
    check_origin(results, Origin(kind, "x"))  # whose data is not known
    for other in KINDS.keys() - {kind}:
        with pytest.raises(NeedleError, match=f"has the results of {KINDS[kind]}; give"):
            check_origin(results, Origin(other, "x"))


def test_a_recommendation_of_before_names_its_data(results):
    for path, text in {
        "data/task.safetensors": "",
        "recommendation/config.yaml": "data: x\n",
    }.items():
        (results / path).parent.mkdir(parents=True, exist_ok=True)
        (results / path).write_text(text)
    check_origin(results, Origin("images", "x"))
    with pytest.raises(NeedleError, match=r"images \(x\); give"):
        check_origin(results, Origin("images", "y"))


def test_a_folder_with_nothing_of_a_run_is_free(results):
    results.mkdir(parents=True)
    (results / "report.html").write_text("")
    for kind in KINDS:
        check_origin(results, Origin(kind, "x"))
