"""Names, paths and files as people have them, through the whole workflow."""

import csv
import os
import shutil
import subprocess

import numpy as np
import pytest
import yaml

from made import paint
from needle.base.schema import read_yaml
from workflow import ROOT, command, copy_project, snakemake

ODD = "-{2024} $HOME 50%s \\n 'q\" é 写 \r <b>&;*"
QUIET = ("--quiet", "rules", "progress")
FINISHED = {"run": "odd", "seed": 1, "scores_file": "scores.csv"}


@pytest.fixture(scope="module")
def needle(tmp_path_factory):
    return copy_project(tmp_path_factory.mktemp("needle") / "it's a place")


@pytest.fixture
def work(needle, tmp_path):
    """A working directory whose name Snakemake could take for a pattern: runs Needle there."""
    folder = tmp_path / "{work} $x"
    folder.mkdir()

    def run(config, *words, **options):
        path = folder / "my {x} config.yaml"
        path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        words = ("-s", str(needle / "Snakefile"), *words)
        return snakemake(folder, *words, config=path.name, **options)

    run.folder = folder
    return run


def recommendation(data, **changes):
    return (
        read_yaml(ROOT / "tests/config/mydata.yaml")
        | {"data": data, "strategy": "linear"}
        | changes
    )


def save_embeddings(folder):
    folder.mkdir(parents=True)
    labels = np.repeat(["{up} $a$", "-down\r'"], 20)
    for model in ("one", "other"):
        features = np.random.default_rng(len(model)).normal(size=(40, 5))
        np.savez(folder / f"{model}.npz", features=features, labels=labels)


def test_embeddings_in_a_folder_of_any_name(work):
    save_embeddings(work.folder / ODD)
    result = work(recommendation(ODD, run="odd"), *QUIET)
    assert result.returncode == 0, result.stdout
    advice = work.folder / "results/odd/recommendation"
    assert read_yaml(advice / "config.yaml")["data"] == f"./{ODD}"
    assert "<b>" not in (advice / "report.html").read_text(encoding="utf-8").partition("<body")[2]


def test_pictures_in_folders_of_any_name(work):
    labels = ["{cat} $a$", "-dog\r'", "<i>%s\\"]
    paint(work.folder / ODD, dict.fromkeys(labels, 8))
    result = work(recommendation(ODD, run="odd"), *QUIET, "--", "results/odd/data/examples.csv")
    assert result.returncode == 0, result.stdout
    with open(work.folder / "results/odd/data/examples.csv", newline="", encoding="utf-8") as file:
        assert {row["label"] for row in csv.DictReader(file)} == set(labels)


def test_finished_scores_of_any_name(work):
    names = [
        "{m}",
        "$x$ & $y$",
        "<b>m</b>",
        "-m",
        "50 %s\\n",
        "写真 👩🏽‍🔬",
        'it\'s "m"',
        "a\rb",
        "_m",
    ]
    files = {
        "scores_file": ["model", "task", "finetune", "linear"],
        "tasks_file": ["task", "label"],
    }
    (work.folder / ODD).mkdir()
    config = FINISHED | {key: f"{ODD}/{key} {{x}}.csv" for key in files}
    config["pools"] = {"all": {"label": "{p} $p$ <b>", "where": {}}}
    for key, header in files.items():
        with open(work.folder / config[key], "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            if key == "tasks_file":
                writer.writerows([[task, f"$\\frac{task}"] for task in names[:3]])
            else:
                writer.writerows(
                    [[m, t, 0.5 + 0.01 * i, 0.4] for t in names[:3] for i, m in enumerate(names)]
                )
    page, figure = "results/odd/tables/models.html", "results/odd/figures/optimal_picks.svg"
    result = work(config, *QUIET, "--", page, figure, "results/odd/tables/headline.txt")
    assert result.returncode == 0, result.stdout
    with open(work.folder / "results/odd/models.csv", newline="", encoding="utf-8") as file:
        assert [row["model"] for row in csv.DictReader(file)] == names
    assert "&lt;b&gt;m&lt;/b&gt;" in (work.folder / page).read_text(encoding="utf-8")
    assert "{p} $p$ <b>" in (work.folder / "results/odd/tables/headline.txt").read_text("utf-8")
    assert "{p} $p$" in (work.folder / figure).read_text(encoding="utf-8")
    # The same call does nothing; another content of the file does all.
    assert "Nothing to be done" in work(config, "-n", "--", page).stdout
    with open(work.folder / config["scores_file"], "a", encoding="utf-8") as file:
        file.write("new,{m},0.5,0.4\n")
    assert "import_scores" in work(config, "-n", "--", page).stdout


def test_another_locale_changes_nothing(work, monkeypatch):
    """The names of files too are in UTF-8, which Python decides as it starts."""
    for name, value in {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}.items():
        monkeypatch.setenv(name, value)
    paint(work.folder / "été", {"café": 8, "写真": 8})
    examples = "results/odd/data/examples.csv"
    result = work(recommendation("été", run="odd"), *QUIET, "--", examples, shared=False)
    assert result.returncode == 0, result.stdout
    assert "train,café/0" in (work.folder / examples).read_text(encoding="utf-8")


def test_a_clone_with_braces_in_its_path_is_refused_in_one_line(needle, tmp_path):
    clone = shutil.copytree(needle, tmp_path / "a{x}", symlinks=True)
    result = snakemake(clone, "-n")
    assert result.returncode != 0
    assert f"error: {clone}: Snakemake fails on braces in this path" in result.stdout
    assert "Traceback" not in result.stdout


def test_other_data_of_the_same_name_is_refused(work):
    for place in ("birds", "cars"):
        save_embeddings(work.folder / place / "images")
    first, second = (recommendation(f"{place}/images") for place in ("birds", "cars"))
    target = "results/images/data/problems.csv"
    assert work(first, "--", target).returncode == 0
    assert work(first, "-n").returncode == 0
    made = (work.folder / target).stat().st_mtime_ns
    for other in (second, FINISHED | {"run": "images"}):
        (work.folder / "scores.csv").write_text("model,task,finetune\na,t,0.5\nb,t,0.6\n")
        result = work(other)
        assert result.returncode != 0
        assert "error: results/images has the results of a recommendation" in result.stdout
        assert "(birds/images)" in result.stdout
        assert "Traceback" not in result.stdout
    assert (work.folder / target).stat().st_mtime_ns == made
    assert work(second | {"run": "cars"}, "-n").returncode == 0


def test_a_key_that_stands_twice_is_refused(work):
    (work.folder / "scores.csv").write_text("model,task,finetune\na,t,0.5\nb,t,0.6\n")
    (work.folder / "twice.yaml").write_text("run: a\nseed: 1\nscores_file: scores.csv\nseed: 2\n")
    result = work(FINISHED, "-n", "--configfile", "twice.yaml")
    assert result.returncode != 0
    assert (
        "twice.yaml: line 4: the key 'seed' stands already in line 2; remove one" in result.stdout
    )


def test_home_and_variables_in_paths(work, tmp_path, monkeypatch):
    monkeypatch.setenv("PICTURES", str(tmp_path / "pictures"))
    save_embeddings(tmp_path / "pictures/birds")
    result = work(recommendation("$PICTURES/birds"), "-n")
    assert result.returncode == 0, result.stdout
    result = work(recommendation("${PICTURES}/none"), "-n")
    assert f"error: {tmp_path}/pictures/none: no such folder or file" in result.stdout


@pytest.mark.parametrize("closed", ["pets", "pets/inside", "list.csv", "scores.csv", "odd.yaml"])
def test_what_may_not_be_read_is_named_in_one_line(needle, work, closed):
    """Root without its privileges is as anybody."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root may read all")
    plain = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    paint(work.folder / "pets/inside/photos", {"cat": 8, "dog": 8})
    for name, text in {"list.csv": "path,label\n", "scores.csv": "model,task,finetune\n"}.items():
        (work.folder / name).write_text(text)
    config = recommendation(
        {"pets/inside": "pets/inside/photos", "pets": "pets"}.get(closed, closed)
    )
    if closed == "scores.csv":
        config = FINISHED
    if closed == "odd.yaml":
        config = recommendation("pets", model_cards="odd.yaml")
        (work.folder / closed).touch()
    assert work(config, "-n").stdout
    (work.folder / closed).chmod(0)
    call = [*plain, *command("-s", str(needle / "Snakefile"), "-n", config="my {x} config.yaml")]
    result = subprocess.run(call, cwd=work.folder, capture_output=True, text=True)
    (work.folder / closed).chmod(0o700)
    assert result.returncode != 0
    assert "cannot be read (Permission denied)" in result.stderr, result.stderr
    assert "Traceback" not in result.stderr
