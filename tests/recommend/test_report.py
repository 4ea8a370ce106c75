"""The report of a recommendation: its numbers, its sentences, and what it makes of odd names."""

import re
import subprocess
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import yaml

from needle.base.csv_files import write_table
from needle.base.errors import NeedleError
from needle.recommend.findings import read_findings
from needle.recommend.intervals import wilson
from needle.recommend.page import recommendation_page
from needle.tasks.own.problems import COLUMNS
from read_page import Page
from recommended import (
    CONFIGURATION,
    LEVEL,
    README,
    TUNING,
    UNKNOWN,
    arguments,
    embedded_classes,
    predictions,
    ranking,
    splits_of_noise,
    write_files,
)

CLASSES = ["cat", "dog", "bird"]
HOSTILE = ["<script>alert(1)</script>", "naïve café", "中文", "x" * 300, "NA", "7", "{{ 7 * 7 }}"]
SECTIONS = ["The candidates", "The picks", "The pool: score and size", "How good it is",
            "Where it errs", "Test images", "What it cost", "What was left out", "Use it",
            "Repeat it", "The whole ranking"]  # fmt: skip
NOTE = ("", "class eel has no pictures in test, so the test accuracy knows nothing of it", "noted")


def found(folder, classes=CLASSES, **changes):
    return read_findings(**write_files(folder, classes, **changes))


def lay_out(findings, strategy="hybrid-linear", budget=3):
    return recommendation_page(
        findings, CONFIGURATION, "birds", strategy, budget, LEVEL,
        "results/birds/recommendation/report.html", README, TUNING,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The program's own output."""
    folder = tmp_path_factory.mktemp("report")
    subprocess.run(arguments(write_files(folder, CLASSES), folder), check=True)
    return folder / "out"


@pytest.fixture(scope="module")
def html(folder):
    return (folder / "report.html").read_text()


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_headline_and_comparison(folder, page):
    said = pd.read_csv(folder.parent / "predictions.csv")
    right = (said["label"] == said["predicted"]).sum()
    low, high = wilson(right, 30)
    assert page.headings[0] == ["h1", "Fine-tune resnet10t.glyph"]
    assert f"is right on {100 * right / 30:.1f} % of 30 test images" in page.text
    assert f"95 % interval {100 * low:.1f} to {100 * high:.1f} %" in page.text
    assert "Always guessing one class 33.3 % cat, the commonest of 3" in page.text


def test_headings_are_in_order(page):
    assert [text for tag, text in page.headings if tag == "h2"] == SECTIONS
    levels = [int(tag[1]) for tag, _ in page.headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_picks_by_hand(page):
    head, first, second, third = page.tables["The picks"]
    assert head == ["Rank", "Model", "Linear", "kNN", "Parameters", "Licence"]
    assert first[0] == "1"
    assert first[1].startswith("resnet10t.mix best task-agnostic pick")
    assert second[1].startswith("resnet10t.glyph best linear score")
    assert second[2:] == ["71.5 %", "55.0 %", "0.32 M", "Apache-2.0"]
    assert third[0] == "3"


def test_cost_by_hand(page):
    # 33 s of search; 20 + 40 + 60 s of fine-tuning, a mean of 40 s for each of 5 models; two heads.
    assert [row[1] for row in page.tables["Cost"][1:]] == ["33 s", "2 min 1 s", "2 min 34 s",
                                                           "3 min 20 s"]  # fmt: skip


def test_left_out_models_are_named_and_not_ranked(page):
    assert page.tables["Models left out"][1][0] == "big.nc"
    assert "30,000,000" in page.tables["Models left out"][1][1]
    assert [row[1].split()[0] for row in page.tables["The whole ranking"][2:]] == [
        "resnet10t.mix", "resnet10t.glyph", "resnet10t_wide.mix", "byobnet.mix",
        "resnet10t.texture",
    ]  # fmt: skip
    assert page.tables["The whole ranking"][2] == [
        "1", "resnet10t.mix ●", "60.0 %", "42.0 %", "1", "3", "1", "1", "62.1 %", "0.32 M", "128",
        "31.2 ms", "64", "32.2 MB", "Apache-2.0", "mix", "generalist, small", "6.0 s",
    ]  # fmt: skip
    assert page.tables["The whole ranking"][3][4] == "–"


def test_problems_are_counted_by_file_and_listed(page):
    assert "read: 1). 2 files removed, 1 file skipped." in " ".join(page.text.split())
    assert page.tables["Images left out"][1][0] == "all images"
    assert page.tables["Images left out"][3] == ["dog/<i>4</i>.jpg", "same content as cat/1.jpg",
                                                 "removed"]  # fmt: skip


def test_only_the_first_fifty_problems_are_listed(tmp_path):
    problems = [(f"{number}.jpg", "broken", "skipped") for number in range(60)]
    page = Page(lay_out(found(tmp_path, problems=problems)))
    assert len(page.tables["Images left out"]) == 51
    assert "60 files skipped. The first 50 of 60;" in page.text


def test_classes_without_test_images_are_named(tmp_path):
    images, labels = splits_of_noise(3)["test"]
    splits = splits_of_noise(4) | {"test": (images, labels)}
    page = Page(lay_out(found(tmp_path, [*CLASSES, "eel"], splits=splits, problems=[NOTE])))
    assert {row[0] for row in page.tables["Accuracy by class"][1:]} == set(CLASSES)
    assert "No test images, so no accuracy: eel." in page.text
    assert page.tables["Confusion matrix"][4][0] == "eel"
    assert page.tables["Images left out"][1] == ["all images", *NOTE[1:]]
    assert "files" not in page.text.split("What was left out")[1].split("Use it")[0]


def test_many_classes_without_test_images_are_counted(tmp_path):
    classes = [f"class {number}" for number in range(50)]
    splits = splits_of_noise(50) | {"test": splits_of_noise(3)["test"]}
    said = predictions(splits["test"][1], classes[:3])
    page = Page(lay_out(found(tmp_path, classes, splits=splits, said=said)))
    assert "class 11, class 12 and 37 more." in page.text


def test_code_and_command_to_copy(folder, page):
    assert 'timm.create_model("local-dir:results/birds/recommendation/best"' in page.text
    assert "another_block" not in page.text
    assert f"make recommend CONFIG={folder}/config.yaml" in page.text
    assert yaml.safe_load((folder / "config.yaml").read_text()) == CONFIGURATION
    assert "data: pictures/birds" in page.text


def test_the_page_needs_nothing_else(html, page):
    assert all(link.startswith(("data:", "#")) for link in page.links)
    assert not re.search(r"<script|@import|url\(|https?:", html, re.I)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(ids)


def test_missing_numbers_are_never_shown_as_such(html, page):
    assert not re.search(r"\b(nan|none|null|<na>)\b", page.text, re.I)
    assert "nan" not in re.sub(r"base64,[^\"]*", "", html).lower()


def test_the_same_files_give_the_same_page(tmp_path):
    findings = found(tmp_path)
    assert lay_out(findings) == lay_out(findings)


def test_the_matrix_on_the_page_is_the_predictions(folder, page):
    said = pd.read_csv(folder.parent / "predictions.csv")
    head, *rows = page.tables["Confusion matrix"]
    assert head[1:] == CLASSES
    for row in rows:
        mine = said.loc[said["label"] == row[0], "predicted"]
        assert [int(cell or 0) for cell in row[1:]] == [(mine == name).sum() for name in CLASSES]


def test_odd_class_names_are_shown_and_do_nothing(tmp_path):
    html = lay_out(found(tmp_path, HOSTILE, splits=splits_of_noise(len(HOSTILE), (20, 20, 70))))
    page = Page(html)
    assert "<script" not in html
    assert page.tables["Confusion matrix"][0][1:] == HOSTILE
    assert [row[0] for row in page.tables["Confusion matrix"][1:]] == HOSTILE
    assert {row[0] for row in page.tables["Accuracy by class"][1:]} == set(HOSTILE)


def test_many_classes_have_no_matrix_but_their_worst(tmp_path):
    classes = [f"class {number}" for number in range(120)]
    splits = splits_of_noise(120, (120, 120, 360))
    page = Page(lay_out(found(tmp_path, classes, splits=splits)))
    assert "Confusion matrix" not in page.tables
    assert "With 120 classes it is too large for a page" in page.text
    assert len(page.tables["Accuracy by class"]) == 11
    assert len(page.tables["The commonest mistakes"]) == 21


def test_a_perfect_model_has_no_mistakes(tmp_path):
    splits = splits_of_noise(2)
    said = predictions(splits["test"][1], ["a", "b"], wrong=0)
    page = Page(lay_out(found(tmp_path, ["a", "b"], splits=splits, said=said, problems=[])))
    assert "No test image was misclassified." in page.text
    assert "100.0 %" in page.text
    assert "The most confident mistakes" not in page.text
    assert "every image was used" in page.text


def test_predictions_of_other_images_are_refused(tmp_path):
    said = predictions(np.zeros(30, int), CLASSES)
    with pytest.raises(NeedleError, match=r"predictions.csv: is not of the test images"):
        found(tmp_path, said=said)


def test_embeddings_end_with_the_ranking(tmp_path):
    write_table(tmp_path / "ranking.csv", ranking().assign(license="", **UNKNOWN))
    write_table(tmp_path / "problems.csv", pd.DataFrame([NOTE], columns=COLUMNS))
    write_table(tmp_path / "classes.csv", embedded_classes())
    paths = {name: tmp_path / f"{name}.csv" for name in ("ranking", "problems", "classes")}
    subprocess.run(arguments(paths, tmp_path), check=True)
    page = Page((tmp_path / "out/report.html").read_text())
    assert page.headings[0][1] == "Fine-tune resnet10t.mix, resnet10t.glyph and resnet10t_wide.mix"
    gone = {"The candidates", "How good it is", "Where it errs", "Test images", "Use it"}
    assert [text for tag, text in page.headings if tag == "h2"] == [
        name for name in SECTIONS if name not in gone
    ]
    assert "Nothing was fine-tuned: the data are embeddings" in page.text
    assert "nothing to plot" in page.text
    assert page.tables["Examples left out"][1] == ["all examples", *NOTE[1:]]
    assert not re.search(r"\bnan\b", page.text, re.I)
    lines = (tmp_path / "out/summary.txt").read_text().splitlines()
    assert lines[0].startswith("Fine-tune resnet10t.mix")
    assert lines[-1] == f"Report: {tmp_path}/out/report.html"
