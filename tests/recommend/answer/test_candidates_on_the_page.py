"""The table of candidates in the report, each cell by hand."""

import pytest

from needle.recommend.findings import read_findings
from needle.recommend.page import recommendation_page
from read_page import Page
from recommended import CONFIGURATION, LEVEL, README, TUNING, candidates, write_files

CLASSES = ["cat", "dog", "bird"]


def found(folder, classes=CLASSES, **changes):
    return read_findings(**write_files(folder, classes, **changes))


def lay_out(findings, strategy="hybrid-linear", budget=3):
    return recommendation_page(
        findings, CONFIGURATION, "birds", strategy, budget, LEVEL,
        "results/birds/recommendation/report.html", README, TUNING,
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return Page(lay_out(found(tmp_path_factory.mktemp("page"))))


def test_candidates_by_hand(page):
    head, *rows = page.tables["The candidates"]
    assert [head[0], *head[2:]] == ["Candidate", "Equal to the best?", "Made in"]
    assert head[1].startswith("Validation accuracy, 95 % interval")
    assert [row[0] for row in rows] == [
        "Frozen resnet10t.mix with a tuned head", "Frozen resnet10t.glyph with a tuned head",
        "Fine-tuned resnet10t.mix at learning rate 0.02",
        "Fine-tuned resnet10t.glyph Chosen at learning rate 0.02",
        "Fine-tuned resnet10t_wide.mix at learning rate 0.02"]  # fmt: skip
    assert rows[0][1:] == ["60.0 % 53.1 to 66.5 %", "p = 0.001", "0.5 s"]
    assert rows[3][1:] == ["83.0 % 77.2 to 87.6 %", "best", "40 s"]
    assert "Fine-tuning paid: on val fine-tuned resnet10t.glyph 83.0 %, frozen resnet10t.mix" in (
        page.text)  # fmt: skip
    assert "Confidences are calibrated on validation images by one number" in page.text


def test_what_candidates_cost_at_inference_is_shown_where_it_was_measured(tmp_path):
    tried = candidates(speed=(12.34, 160.0, 210.0))
    head, *rows = Page(lay_out(found(tmp_path, tried=tried))).tables["The candidates"]
    assert head[4:] == ["One picture", "Pictures per second", "Memory"]
    assert rows[1][4:] == ["12.3 ms", "160", "210 MB"]


def test_a_frozen_answer_says_that_fine_tuning_did_not_pay(tmp_path):
    tried = candidates(chosen="frozen:resnet10t.mix", frozen=(160,), p_value=0.4)
    page = Page(lay_out(found(tmp_path, tried=tried)))
    assert page.headings[0][1] == "Keep resnet10t.mix frozen and train its head"
    said = page.text.split("On this page")[0]
    assert "Fine-tuning did not pay: on val fine-tuned resnet10t.glyph 83.0 %, frozen" in said


def test_a_pick_that_diverged_says_so(tmp_path):
    page = Page(lay_out(found(tmp_path, tried=candidates(diverged=(2,)))))
    name, value, *others = page.tables["The candidates"][5]
    assert name == "Fine-tuned resnet10t_wide.mix"
    assert value == "Diverged: no learning rate kept its loss finite."
    assert others == ["–", "1 min"]
