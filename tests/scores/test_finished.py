"""Finished scores that a user brings: what is read, and each way to get it wrong."""

import pytest

from needle.base.errors import NeedleError
from needle.scores.finished import read_model_file, read_score_file, read_task_file
from needle.strategies.registry import strategies

LONG = """model,task,score,value
a,t,finetune,0.8
b,t,finetune,0.7
a,t,logme,-1.5
"""
WIDE = """model,task,finetune,linear
a,t,0.8,0.5
b,t,0.7,
a,u,,0.25
"""
PERCENT = """model,task,finetune
a,t,80
b,t,70
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "table.csv"
        path.write_text(text)
        return path

    return write


def tuples(rows):
    return [tuple(row.values()) for row in rows]


def test_a_long_table(file):
    rows = read_score_file(file(LONG), {"finetune": "fraction", "logme": "score"})
    assert tuples(rows) == [
        ("a", "t", "finetune", 0, 0.8),
        ("b", "t", "finetune", 0, 0.7),
        ("a", "t", "logme", 0, -1.5),
    ]
    assert list(rows[0]) == ["model", "task", "score", "repeat", "value"]


def test_a_wide_table_and_its_missing_cells(file):
    assert tuples(read_score_file(file(WIDE), "fraction")) == [
        ("a", "t", "finetune", 0, 0.8),
        ("a", "t", "linear", 0, 0.5),
        ("b", "t", "finetune", 0, 0.7),
        ("a", "u", "linear", 0, 0.25),
    ]


def test_repeats_are_kept_apart(file):
    text = "model,task,repeat,finetune\na,t,0,0.5\na,t,1,0.6\n"
    assert tuples(read_score_file(file(text), "fraction")) == [
        ("a", "t", "finetune", 0, 0.5),
        ("a", "t", "finetune", 1, 0.6),
    ]


def test_percent_is_declared(file):
    text = "model,task,score,value\na,t,finetune,79.9\na,t,linear,100\na,t,leep,-2\n"
    rows = read_score_file(
        file(text), {"finetune": "percent", "linear": "percent", "leep": "score"}
    )
    assert [row["value"] for row in rows] == [0.799, 1.0, -2.0]


def test_names_that_look_like_numbers_stay_names(file):
    assert (
        read_score_file(file("model,task,finetune\n050,1,0.5\n"), "fraction")[0]["model"] == "050"
    )


def test_what_spreadsheets_write_is_read(file, tmp_path):
    path = tmp_path / "excel.csv"
    path.write_bytes('\ufeffmodel, task ,finetune\r\n"a, b",t,0.5\r\n\r\n'.encode())
    assert tuples(read_score_file(path, "fraction")) == [("a, b", "t", "finetune", 0, 0.5)]


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        (LONG, "fraction", ["line 4: logme of a on t is -1.5", "score if it is no accuracy"]),
        (WIDE.replace("0.8", "80"), "fraction", ["line 2: finetune of a on t is 80", "percent"]),
        (WIDE.replace("0.8", "101"), "percent", ["is 101", "no percent between 0 and 100"]),
        (WIDE.replace("0.8", "-1"), "fraction", ["line 2", "is -1", "leave it empty if it stands"]),
        (WIDE, "percent", ["no finetune is above 1", "set fraction"]),
        (
            PERCENT.replace("80", "0.8"),
            "percent",
            ["line 2: finetune of a on t is 0.8, but unit", "up to 70", "write 80"],
        ),
        (WIDE.replace("0.8", "x"), "fraction", ["line 2: finetune of a on t: 'x' is not a number"]),
        (WIDE.replace("0.8", "nan"), "fraction", ["'nan' is not a number; leave", "empty"]),
        (WIDE + "a,t,0.1,\n", "fraction", ["line 5: finetune of a on t", "already in line 2"]),
        (LONG + "a,t,finetune,\n", {"finetune": "fraction", "logme": "score"}, ["in line 2"]),
        (LONG, {"finetune": "fraction"}, ["unit: lists finetune", "are finetune, logme"]),
        (WIDE, {"finetune": "score", "linear": "fraction"}, ["finetune is an accuracy"]),
        (WIDE.replace("linear", "hybrid-x"), "fraction", ["'hybrid-x' cannot be the name"]),
        (WIDE.replace("linear", "random"), "fraction", ["'random' cannot be the name"]),
        (WIDE.replace("linear", "My Proxy"), "fraction", ["'My Proxy' cannot be", "lower-case"]),
        (WIDE.replace("finetune", "test"), "fraction", ["no value of the score finetune"]),
        (WIDE.replace("task", "dataset"), "fraction", ["no column task", "model, dataset"]),
        (LONG.replace("value", "accuracy"), "fraction", ["long table has the columns", "accuracy"]),
        (WIDE.replace("linear", "finetune"), "fraction", ["line 1", "used twice"]),
        (WIDE + "c,t\n", "fraction", ["line 5: has 2 cells, the header 4"]),
        (WIDE + ",t,0.1,\n", "fraction", ["line 5: the model is empty"]),
        ("model,task,finetune\n", "fraction", ["has no rows"]),
        ("model;task;finetune\na;t;0.5\n", "fraction", ["no column model"]),
        ("model,task,repeat,finetune\na,t,x,0.5\n", "fraction", ["line 2: repeat 'x'"]),
        ('model,task,finetune\n"a,t,0.5\n', "fraction", ["not a CSV file"]),
    ],
)
def test_each_mistake_is_named_with_its_place(file, text, unit, words):
    path = file(text)
    with pytest.raises(NeedleError) as caught:
        read_score_file(path, unit, reserved={"random"})
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message or message.startswith("config: unit")
    for word in words:
        assert word in message


@pytest.mark.parametrize("name", ["halving", "partial-half", "partial-100", "partial-12.5"])
def test_names_that_cannot_be_scores_are_refused(file, name):
    with pytest.raises(NeedleError, match=f"'{name}' cannot be the name of a score"):
        read_score_file(file(WIDE.replace("linear", name)), "fraction", reserved=strategies([]))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(NeedleError, match="cannot be read"):
        read_score_file(tmp_path / "none.csv", "fraction")


def test_models_may_know_little_of_themselves(file):
    path = file("model,params,reference_accuracy,tags\nb,5,,x;y\na,,0.7,\n")
    models = read_model_file(path, ["a", "b"])
    assert list(models) == ["b", "a"]  # the file's order breaks ties
    assert models["b"]["params"] == 5
    assert models["b"]["tags"] == ["x", "y"]
    assert models["b"]["reference_accuracy"] is None
    assert models["a"]["reference_accuracy"] == 0.7
    assert models["a"]["tags"] == []
    assert read_model_file(None, ["a"])["a"]["params"] is None


def test_tasks_have_labels_and_groups(file):
    path = file("task,label,group\nu,U,natural\nt,,\n")
    assert tuples(read_task_file(path, ["t", "u"])) == [("u", "U", "natural"), ("t", "t", "")]
    assert tuples(read_task_file(None, ["t"])) == [("t", "t", "")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model,param\na,1\n", ["model, param; allowed: model, architecture, family, params"]),
        ("name,params\na,1\n", ["of which model is needed"]),
        ("model,params\na,many\n", ["line 2: params of a: 'many' is not a number"]),
        ("model,reference_accuracy\na,75.2\n", ["reference_accuracy of a is 75.2", "fractions"]),
        ("model\na\na\n", ["line 3: the model a stands already in line 2"]),
        ("model\nb\n", ["has no model a, which has scores"]),
    ],
)
def test_mistakes_in_the_models_are_named(file, text, words):
    with pytest.raises(NeedleError) as caught:
        read_model_file(file(text), ["a"])
    for word in words:
        assert word in str(caught.value)


def test_a_task_without_scores_is_a_mistake(file):
    with pytest.raises(NeedleError, match="the task u has no score"):
        read_task_file(file("task\nt\nu\n"), ["t"])
