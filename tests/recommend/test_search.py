"""The search from the files of a run."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from needle.base.csv_files import write_rows
from needle.base.run_tables import read_table
from needle.embedding.embedding_file import Embeddings, write_embeddings
from needle.recommend.search_summary import search_summary
from needle.scores.columns import MODEL_COLUMNS
from needle.store.writing import write_entry
from recommended import embedded_classes, ranking
from stored import entry, model_card

PROGRAM = Path(__file__).parents[2] / "workflow/scripts/search.py"

# By model: reference accuracy, parameters; two repeats of linear at two learning rates; knn.
MODELS = {
    "1e5": (0.6, 3_000_000, [[0.4, 0.6], [0.8, 0.2]], 0.30),  # linear: 0.6 and 0.8, so 0.7
    "NA": (None, 5_000_000, [[0.9, 0.1], [0.7, 0.5]], 0.40),  # 0.8
    "naïve café": (0.5, 90_000_000, [[1.0, 1.0], [1.0, 1.0]], 0.99),  # 1.0, but too large
}
CARDS = {"big.nc": {"name": "big.nc", "license": "CC-BY-NC-4.0", "tags": [],
                    "left_out": "licence CC-BY-NC-4.0 is not MIT"}}  # fmt: skip


def write_run(folder, speeds=None):
    """Write what the stages before the search leave behind."""
    tiny = np.zeros((2, 3), np.float32), np.arange(2)
    rows = []
    for model, (reference, params, linear, knn) in MODELS.items():
        about = {"model": model, "params": params, "reference_accuracy": reference,
                 "tags": "small;tiny", "license": "MIT"}  # fmt: skip
        rows.append(dict.fromkeys(MODEL_COLUMNS) | about)
        embeddings = folder / f"embeddings/data/{model}.safetensors"
        about = {"seconds": 1.5} | ({"speed": speeds[model]} if speeds else {})
        write_embeddings(embeddings, Embeddings(*tiny, *tiny, 2), about)
        runs = [
            {"repeat": repeat, "learning_rate": rate, "value": value, "seconds": 2.0}
            for repeat, values in enumerate(linear)
            for rate, value in zip((0.1, 0.01), values, strict=True)
        ]
        write_rows(folder / f"proxies/linear/data/{model}.csv", runs)
        once = {"repeat": 0, "learning_rate": None, "value": knn, "seconds": 0.25}
        write_rows(folder / f"proxies/knn/data/{model}.csv", [once])
    write_rows(folder / "models.csv", rows)
    write_rows(folder / "classes.csv", embedded_classes().to_dict("records"))
    write_rows(
        folder / "problems.csv",
        [
            {"path": "", "problem": "12 groups, each in one split", "action": "grouped"},
            {"path": "row 2", "problem": "same embedding as row 1", "action": "removed"},
            {"path": "", "problem": "a note", "action": "noted"},
        ],
    )


def search(folder, **changes):
    options = {
        "models": folder / "models.csv", "classes": folder / "classes.csv",
        "problems": folder / "problems.csv", "results": folder, "cards": json.dumps(CARDS),
        "where": json.dumps({"params": {"max": 30_000_000}}), "strategy": "linear",
        "budget": 1, "ranking": folder / "out/ranking.csv", "summary": folder / "out/search.txt",
        "choice": folder / "out/choice.json",
    } | changes  # fmt: skip
    parts = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    command = [sys.executable, PROGRAM, *parts, "--runs", '{"linear": 4, "knn": 1}',
               "--proxies", '{"linear": {"learning_rates": [0.1, 0.01]}, "knn": {}}',
               "--seen"]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True)


def test_a_search_from_files(tmp_path):
    write_run(tmp_path)
    result = search(tmp_path)
    assert result.returncode == 0, result.stderr
    table = read_table(tmp_path / "out/ranking.csv").set_index("model")
    assert table.index.tolist() == ["NA", "1e5", "naïve café", "big.nc"]
    assert table["linear"].tolist()[:3] == pytest.approx([0.8, 0.7, 1.0])
    assert table["seconds"].tolist()[:3] == [1.5 + 8 + 0.25] * 3
    assert table["picked"].tolist() == [True, False, False, False]
    assert table["left_out"].tolist() == [
        "", "", "90,000,000 parameters, more than 30,000,000", "licence CC-BY-NC-4.0 is not MIT",
    ]  # fmt: skip
    assert (tmp_path / "out/search.txt").read_text() == (
        """\
Linear search picks 1 of 2 models (B = 1), marked *.

   rank  model  Linear     kNN  reference  params  licence
*     1  NA     80.0 %  40.0 %          –  5.00 M  MIT
      2  1e5    70.0 %  30.0 %     60.0 %  3.00 M  MIT

Why
  NA: best linear score: 80.0 % of the validation examples; 1st by kNN

Left out
  naïve café: 90,000,000 parameters, more than 30,000,000
  big.nc: licence CC-BY-NC-4.0 is not MIT

Data
  7 examples of 1 class: 01 7.
  Used: 4 train, 2 val. Left out as unusable: 1 (copies: 1).
  12 groups, each in one split.
  a note

Next: the same command with target recommend fine-tunes the picks, if your data are images, and
writes the report.
"""
    )


def test_a_model_that_is_too_slow_is_left_out_before_any_fine_tuning(tmp_path):
    known = {
        "pictures_per_second": 100.0,
        "inference_mb": 8.25,
        "device": "one thread of the processor",
    }
    milliseconds = {"1e5": 12.5, "NA": 30.25, "naïve café": 30.0}
    write_run(tmp_path, {model: {"milliseconds": n} | known for model, n in milliseconds.items()})
    result = search(tmp_path, where=json.dumps({"milliseconds": {"max": 30}}))
    assert result.returncode == 0, result.stderr
    table = read_table(tmp_path / "out/ranking.csv").set_index("model")
    assert table.index.tolist() == ["naïve café", "1e5", "NA", "big.nc"]
    assert table["milliseconds"].tolist()[:3] == [30.0, 12.5, 30.25]
    assert table["device"].tolist()[:3] == ["one thread of the processor"] * 3
    assert table.loc["big.nc", list(known)].isna().all()
    assert table.loc["NA", "left_out"] == "30.25 milliseconds a picture, more than 30"
    head, first, second = (tmp_path / "out/search.txt").read_text().splitlines()[2:5]
    assert head.split()[-3:] == ["1", "picture", "licence"]
    assert first.split()[-3:] == ["30", "ms", "MIT"]
    assert second.split()[-3:] == ["12.5", "ms", "MIT"]


def test_a_search_over_folds(tmp_path):
    write_run(tmp_path)
    rows = [{"example": n, "repeat_1": n % 2, "repeat_2": n // 2} for n in range(4)]
    write_rows(tmp_path / "folds.csv", rows)
    for model in MODELS:
        for proxy, rates in (("linear", (0.1, 0.01)), ("knn", (None,))):
            write_rows(
                tmp_path / f"proxies/{proxy}/data/{model}.csv",
                [
                    {"repeat": fold, "learning_rate": rate, "value": value, "seconds": 1.0}
                    for fold, value in enumerate((0.5, 0.7, 0.6, 0.8))
                    for rate in rates
                ],
            )
    result = search(tmp_path, folds=tmp_path / "folds.csv")
    assert result.returncode == 0, result.stderr
    table = read_table(tmp_path / "out/ranking.csv").set_index("model")
    assert table["linear"].tolist()[:3] == pytest.approx([0.65] * 3)
    # s² = (0.15² + 0.05² + 0.05² + 0.15²) / 3; 4 folds with as many in val as in train.
    error = (0.05 / 3 * (1 / 4 + 1)) ** 0.5
    assert table["knn_standard_error"].tolist()[:3] == pytest.approx([error] * 3)
    assert table["seconds"].tolist()[0] == 1.5 + 8 + 4
    text = (tmp_path / "out/search.txt").read_text()
    assert "65.0 ± 14.4 %" in text
    long = ranking().assign(linear_standard_error=0.02, knn_standard_error=0.0321)
    long["model"] += "_with_a_name_of_some_length"
    answer = search_summary(long, ["linear", "knn"], "linear", 3, [])
    assert "resnet10t.mix_with_a_name_of_some_length" in answer
    assert "71.5 %" in answer
    assert "±" not in answer
    assert "Scores are means over 4 folds of the 4 train and val examples" in text


def write_store(folder, names=("1e5", "NA"), tasks=("t1", "t2", "data")):
    """Results of two models on tasks, of which the one called data may be the one at hand."""
    rows = [
        (model, task, "own", score, 0, value, np.nan, "")
        for task in tasks
        for score, values in {"finetune": (0.9, 0.5), "linear": (0.3, 0.4)}.items()
        for model, value in zip(names, (1, 0) if task == "data" else values, strict=True)
    ]
    cards = {name: model_card(name) for name in names}
    about = {task: {**entry().tasks["t1"], "sha256": None} for task in tasks}
    write_entry(entry(rows=rows, models=cards, tasks=about), folder)


def test_a_search_that_learns_from_a_store(tmp_path):
    write_run(tmp_path)
    write_store(tmp_path / "store")
    result = search(tmp_path, stores=tmp_path / "store", strategy="prior", hidden="data")
    assert result.returncode == 0, result.stderr
    table = read_table(tmp_path / "out/ranking.csv").set_index("model")
    assert table["rank"].tolist()[:2] == [1, 2]
    assert table.index.tolist()[:2] == ["1e5", "NA"]
    assert table["why"].iloc[0] == "best by Prior search; 2nd by linear, 2nd by kNN"
    assert table["known_tasks"].tolist() == [2, 2, 0, 0]
    assert table["known_by"].tolist() == ["name", "name", "", ""]
    text = (tmp_path / "out/search.txt").read_text()
    assert (
        "Results on up to 2 other tasks are known of 2 of 2 models (1 run): of 2 by name alone.\n"
    ) in text
    assert json.loads((tmp_path / "out/choice.json").read_text())["strategy"] == "prior"


@pytest.mark.parametrize(
    ("tasks", "budget", "taken"),
    [
        (("t1", "t2"), 1, "prior"),
        (("t1", "t2"), 3, "portfolio"),
        (("t1", "data"), 1, "hybrid-linear"),
    ],
)
def test_a_search_takes_the_strategy_that_is_allowed(tmp_path, tasks, budget, taken):
    write_run(tmp_path)
    write_store(tmp_path / "store", tasks=tasks)
    result = search(
        tmp_path, stores=tmp_path / "store", strategy="auto", budget=budget, hidden="data"
    )
    assert result.returncode == 0, result.stderr
    choice = json.loads((tmp_path / "out/choice.json").read_text())
    assert choice["strategy"] == taken
    text = " ".join((tmp_path / "out/search.txt").read_text().split())
    assert f"search was taken since {choice['reason']}." in text


def test_measurements_that_leave_nobody_end_in_one_list(tmp_path):
    write_run(tmp_path)
    result = search(tmp_path, where=json.dumps({"params": {"max": 10}}))
    assert result.returncode == 1
    first, *reasons = result.stderr.splitlines()
    assert first == "error: config: where, seen: they leave out every model; loosen them"
    assert reasons[0] == "  - 1e5: 3,000,000 parameters, more than 10"
    assert len(reasons) == 4
    assert not (tmp_path / "out").exists()


def test_a_metric_that_val_cannot_decide_by_ends_the_search(tmp_path):
    write_run(tmp_path)
    counts = {"found": 9, "train": 6, "test": 1, "removed": 0, "skipped": 0}
    classes = [counts | {"class": name, "val": val} for name, val in [("NA", 2), ("01", 0)]]
    write_rows(tmp_path / "classes.csv", classes)
    result = search(tmp_path, metric="auroc")
    assert result.returncode == 1
    assert result.stderr == (
        "error: config: metric: AUROC is undefined on val, since class 01 has no image in val; add "
        "some, or take accuracy or log_loss\n"
    )
    assert not (tmp_path / "out").exists()
    for metric in ("accuracy", "log_loss"):
        result = search(tmp_path, metric=metric)
        assert result.returncode == 0, result.stderr
    # Of embeddings nothing is fine-tuned, and nobody asks.
    result = search(tmp_path)
    assert result.returncode == 0, result.stderr


def test_folds_that_are_to_decide_must_be_there_and_have_all_classes(tmp_path):
    write_run(tmp_path)
    result = search(tmp_path, **{"decide-on": "folds"})
    assert result.returncode == 1
    assert result.stderr.startswith("error: config: decide_on: folds: there are none, since the")
    # Train has ant, bee, bee and val ant; bee is never judged.
    counts = {"found": 9, "test": 1, "removed": 0, "skipped": 0}
    write_rows(
        tmp_path / "classes.csv",
        [counts | {"class": "ant", "train": 1, "val": 1},
         counts | {"class": "bee", "train": 2, "val": 0}],
    )  # fmt: skip
    for folds, name in (([0, -1, -1, 1], "bee"), ([-1, 0, 1, -1], "ant")):
        rows = [{"example": n, "repeat_1": fold} for n, fold in enumerate(folds)]
        write_rows(tmp_path / "folds.csv", rows)
        changes = {"decide-on": "folds", "metric": "macro_f1", "folds": tmp_path / "folds.csv"}
        result = search(tmp_path, **changes)
        assert f"is undefined on folds, since class {name} has no image in folds; add" in (
            result.stderr
        )
