"""Entries: what is written is what is read, and a broken file is named."""

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.errors import NeedleError
from needle.store.cards import protocol_card
from needle.store.layout import ROW, from_path, to_path
from needle.store.reading import read_store, rows_of
from needle.store.writing import write_entry
from stored import ROWS, entry, model_card


def in_order(rows):
    return rows.sort_values(ROW).reset_index(drop=True)


@given(st.text(alphabet=string.ascii_letters + string.digits + "%/2F. -_é", min_size=1))
def test_a_name_survives_its_path(name):
    assert "/" not in to_path(name)
    assert from_path(to_path(name)) == name


def test_what_is_written_is_read(tmp_path):
    written = entry(task_embeddings={"t1": ("f" * 64, np.array([0.1 + 0.2, 1e-300, 3.0]))})
    write_entry(written, tmp_path)
    assert (tmp_path / "first/results/t1/org%2Fb/own.csv").read_text() == (
        "score,repeat,value,seconds,device\nfinetune,0,0.75,1.0,cpu\n"
    )
    (found,) = read_store(tmp_path)
    assert (found.name, found.kind) == ("first", "own")
    assert found.run == written.run
    assert found.models == written.models
    assert found.tasks == written.tasks
    assert found.protocols == written.protocols
    pd.testing.assert_frame_equal(in_order(found.rows), in_order(written.rows), check_exact=True)
    ((probe, vector),) = found.task_embeddings.values()
    assert (probe, vector.tolist()) == ("f" * 64, [0.1 + 0.2, 1e-300, 3.0])


@given(st.floats(0, 1), st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_survives(tmp_path_factory, accuracy, value):
    folder = tmp_path_factory.mktemp("store")
    rows = [
        ("a", "t1", "own", "finetune", 0, accuracy, np.nan, ""),
        ("a", "t1", "own", "logme", 0, value, np.nan, ""),
    ]
    write_entry(entry(rows=rows), folder)
    assert read_store(folder)[0].rows["value"].tolist() == [accuracy, value]


def test_stores_are_merged_by_copying_folders(tmp_path):
    write_entry(entry("first"), tmp_path)
    write_entry(entry("second"), tmp_path)
    table = rows_of(read_store(tmp_path))
    assert table["entry"].tolist() == ["first"] * 6 + ["second"] * 6
    assert set(table["kind"]) == {"own"}


def test_an_entry_takes_the_place_of_its_former_self(tmp_path):
    write_entry(entry(), tmp_path)
    write_entry(entry(rows=ROWS[:1]), tmp_path)
    assert len(read_store(tmp_path)[0].rows) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_a_failed_writing_leaves_the_former_entry(tmp_path):
    write_entry(entry(), tmp_path)
    with pytest.raises(Exception, match="cannot represent"):
        write_entry(entry(tasks={"t1": object()}), tmp_path)
    assert len(read_store(tmp_path)[0].rows) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_a_folder_without_entries_is_no_store(tmp_path):
    with pytest.raises(NeedleError, match=r"is no store.*make store RUN=results/mini"):
        read_store(tmp_path)


A, OTHER = "results/t1/a/own.csv", "results/t1/a/modern.csv"
HEADER = "score,repeat,value,seconds,device\n"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (A, HEADER + "finetune,0,1.2,,\n", r"finetune of a on t1 is 1.2; accuracies are fractions"),
        (A, HEADER + "knn,0,-0.1,,\n", "knn of a on t1 is -0.1; accuracies are fractions"),
        (A, HEADER + "logme,2,inf,,\n", r"logme \(repeat 2\) of a on t1 is inf, no finite number"),
        (A, HEADER + "logme,0,1,,\nlogme,0,2,,\n", "stands there already"),
        (A, HEADER + "logme,0,1\n", "line 2: not enough values"),
        (A, HEADER + "logme,-1,1,,\n", "line 2: repeat '-1' is not a number from 0 on"),
        (A, HEADER + "logme,0,high,,\n", "line 2: could not convert"),
        (A, HEADER + "logme,0,1,,", "was cut"),
        (A, "score,value\n", "its columns are not score,repeat,value,seconds,device"),
        (A, "", "not a CSV file"),
        (OTHER, HEADER + "logme,0,1,,\n", "logme: only finetune stands there; move it to own.csv"),
        ("results/t3/a/own.csv", HEADER + "finetune,0,1,,\n", r"the task t3 has no card tasks/t3"),
        ("results/t1/x%2Fy/own.csv", HEADER + "finetune,0,1,,\n", "has no card models/x%2Fy.yaml"),
        ("results/t1/a/new.csv", HEADER + "finetune,0,1,,\n", "the protocol new has no card"),
    ],
)
def test_a_broken_file_is_named(tmp_path, path, text, said):
    write_entry(entry(), tmp_path)
    file = tmp_path / "first" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    with pytest.raises(NeedleError, match=said) as caught:
        read_store(tmp_path)
    assert str(caught.value).startswith(f"{file}: ")


@pytest.mark.parametrize(
    ("card", "text", "said"),
    [
        ("run.yaml", "kind: own\n", "missing key"),
        ("models/a.yaml", "params: many\n", "models/a.yaml: "),
        ("tasks/t1.yaml", "a: [\n", "not valid YAML"),
        ("protocols/own.yaml", f"sha256: {'a' * 64}\nkeys: {{steps: 3}}\n", "not that of its keys"),
    ],
)
def test_a_broken_card_is_named(tmp_path, card, text, said):
    write_entry(entry(), tmp_path)
    (tmp_path / "first" / card).write_text(text)
    with pytest.raises(NeedleError, match=said) as caught:
        read_store(tmp_path)
    assert str(tmp_path / "first" / card) in str(caught.value)


def test_results_of_a_model_on_what_it_has_seen_are_refused(tmp_path):
    models = {"a": model_card("a", contaminated_tasks=["t1"]), "org/b": model_card("org/b")}
    write_entry(entry(models=models), tmp_path)
    with pytest.raises(NeedleError, match=r"a has seen t1 .*\(4 such values\)"):
        read_store(tmp_path)


def test_a_task_alone_is_nothing_to_learn_from(tmp_path):
    write_entry(entry(rows=[("a", "t1", "own", "knn", 0, 0.5, np.nan, "")]), tmp_path)
    with pytest.raises(NeedleError, match="has no value of finetune"):
        read_store(tmp_path)


def test_the_hash_of_a_protocol_is_that_of_its_canonical_json():
    # printf '{"rates":[0.1],"steps":3}' | sha256sum
    card = protocol_card({"steps": 3, "rates": [0.1]})
    assert card["sha256"] == "e57049e7b123eb424f7cc67d7b8772d757218eb6b5461f38234224be73476c6e"
