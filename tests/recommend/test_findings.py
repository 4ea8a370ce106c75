"""What a report says: its numbers, sentences and images, each by hand."""

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from needle.recommend.findings import read_findings
from needle.recommend.intervals import wilson
from needle.recommend.mistakes import class_accuracies, common_mistakes, confusion
from needle.recommend.page import recommendation_page
from needle.recommend.protocol import tuning_words
from needle.recommend.samples import choose_samples, image_uris
from needle.recommend.summary import summary
from needle.recommend.verdict import decided_by, guess, imbalance, measures, shortfall
from needle.tasks.task_file import Task
from recommended import (
    CONFIGURATION,
    LEVEL,
    README,
    TUNING,
    candidates,
    predictions,
    ranking,
    splits_of_noise,
    write_files,
)

CLASSES = ["cat", "dog", "bird"]


def found(folder, classes=CLASSES, **changes):
    return read_findings(**write_files(folder, classes, **changes))


def test_wilson_by_hand():
    # (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) with p = 1/2, n = 4, z = 2
    level = 0.9544997361036416  # of z = 2
    assert wilson(2, 4, level) == pytest.approx((0.5 - 2**0.5 / 4, 0.5 + 2**0.5 / 4))
    assert wilson(0, 12, level) == pytest.approx((0, 0.25))


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_is_symmetric(counts):
    successes, n = counts
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n <= high <= 1
    assert wilson(n - successes, n) == pytest.approx((1 - high, 1 - low))


def test_confusion_by_hand():
    said = pd.DataFrame({"label": list("aaabbc"), "predicted": list("abbbac")})
    counts = confusion(said, list("abcd"))
    assert counts.tolist() == [[1, 2, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    mistakes = common_mistakes(counts, list("abcd"), 5)
    assert mistakes.to_dict("list") == {"label": ["a", "b"], "predicted": ["b", "a"],
                                        "images": [2, 1], "share": [2 / 3, 1 / 2]}  # fmt: skip
    assert len(common_mistakes(counts, list("abcd"), 1)) == 1
    by_class = class_accuracies(counts, list("abcd"))
    assert by_class["label"].tolist() == ["a", "b", "c"]  # d has no images
    assert by_class["accuracy"].tolist() == [1 / 3, 1 / 2, 1]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_every_image_is_in_the_matrix_and_every_mistake_in_the_list(pairs):
    said = pd.DataFrame(pairs, columns=["label", "predicted"])
    counts = confusion(said, list("abc"))
    assert counts.sum() == len(said)
    wrong = (said["label"] != said["predicted"]).sum()
    assert common_mistakes(counts, list("abc"), 9)["images"].sum() == wrong
    assert class_accuracies(counts, list("abc"))["correct"].sum() == len(said) - wrong


def test_samples_are_the_most_confident_mistakes_and_a_seeded_draw():
    classes = [f"c{number}" for number in range(4)]
    said = predictions(np.arange(100) % 4, classes, wrong=0.5)
    mistakes, drawn = choose_samples(said, seed=1)
    wrong = said[said["label"] != said["predicted"]]
    assert mistakes == wrong.index[::-1][:12].tolist()  # the later, the more confident
    assert len(drawn) == 12
    assert not set(mistakes) & set(drawn)
    assert choose_samples(said, seed=1)[1] == drawn
    assert choose_samples(said, seed=2)[1] != drawn


def test_few_test_images_are_all_shown():
    said = predictions(np.arange(5), list("abcde"), wrong=0)
    mistakes, drawn = choose_samples(said, seed=1)
    assert mistakes == []
    assert sorted(drawn) == [0, 1, 2, 3, 4]


def test_images_on_the_page_are_those_of_the_task(tmp_path):
    splits = splits_of_noise(3)
    uris = image_uris(Task(write_files(tmp_path, CLASSES, splits)["task"]), [4, 0])
    for uri, place in zip(uris, [4, 0], strict=True):
        pixels = Image.open(
            io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,")))
        )
        assert np.array_equal(np.asarray(pixels).transpose(2, 0, 1), splits["test"][0][place])


def test_large_images_are_made_smaller(tmp_path):
    splits = splits_of_noise(2, (2, 2, 2), size=300)
    (uri,) = image_uris(Task(write_files(tmp_path, ["a", "b"], splits)["task"]), [1])
    assert Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))).size == (224, 224)


def test_unbalanced_classes_are_named_with_what_guessing_gets(tmp_path):
    splits = splits_of_noise(3)
    assert imbalance(found(tmp_path, splits=splits)) == ""
    splits["train"][1][:] = [2] * 30 + [0] * 6 + [1] * 4
    splits["test"][1][:] = [2] * 24 + [0] * 6
    findings = found(tmp_path, splits=splits)
    assert imbalance(findings).replace("\xa0", " ") == (
        "The classes are unbalanced: 30 training images of bird, 4 of dog; guessing the largest "
        "class gets 80.0 %. Look at balanced accuracy, where each class counts the same; metric: "
        "balanced_accuracy in the config chooses by it."
    )
    assert decided_by(findings) == ""
    other = candidates().rename(columns={"val_accuracy": "val_balanced_accuracy"})
    findings = found(tmp_path, splits=splits, tried=other)
    assert imbalance(findings).endswith("each class counts the same.")
    assert "compared by balanced accuracy on val" in decided_by(findings)


def test_fewer_picks_than_the_budget_say_why():
    table = ranking(5)
    assert shortfall(table, "linear", 5) == ""
    assert shortfall(table, "linear", 8).endswith("but only 5 may take part.")
    table["rank"] = table["rank"].where(table["rank"] <= 2)
    table["picked"] = table["rank"].notna()
    text = shortfall(table, "task-agnostic", 3).replace("\xa0", " ")
    assert text.startswith(
        "The budget allows 3 models, but Task-agnostic search can rank only 2 of 5"
    )


def test_guessing_takes_the_commonest_class_of_train_and_is_measured_on_test(tmp_path):
    splits = splits_of_noise(3)
    splits["train"][1][:] = 2
    splits["test"][1][:] = [2] * 6 + [0] * 24
    assert guess(found(tmp_path, splits=splits)) == ("bird", 0.2)


def test_summary_by_hand(tmp_path):
    splits = splits_of_noise(2)
    said = predictions(splits["test"][1], ["a", "b"], wrong=0)
    findings = found(tmp_path, ["a", "b"], splits=splits, said=said)
    text = summary(
        findings, "birds", "hybrid-linear", 3, LEVEL, "r/recommendation/report.html", TUNING,
        CONFIGURATION,
    )  # fmt: skip
    said = {name: words.replace("\xa0", " ") for name, words in measures(findings)}
    auroc, loss, error = (said[name] for name in ("AUROC", "log loss", "calibration error"))
    assert text.splitlines() == [
        "Fine-tune resnet10t.glyph for birds",
        "Picks of Hybrid Linear search (B = 3): resnet10t.mix, resnet10t.glyph, resnet10t_wide.mix",
        "Test accuracy 100.0 % of 30 test images (95 % interval 88.6 to 100.0 %); "
        "always guessing the commonest class: 50.0 %",
        "Also on test: balanced accuracy 100.0 % (100.0 to 100.0 %); macro F1 100.0 % (100.0 to "
        f"100.0 %); AUROC {auroc}; log loss {loss}; calibration error {error}",
        TUNING,
        "Fine-tuning paid: on val fine-tuned resnet10t.glyph 83.0 %, frozen resnet10t.mix with a "
        "tuned head 60.0 %.",
        "The choice is clear: on the same 200 validation images every other candidate is worse "
        "(paired test, p = 0.001).",
        "Model:  r/recommendation/best",
        "Data",
        "  94 images of 2 classes: a 47, b 47.",
        "  Used: 40 train, 20 val, 30 test. Left out as unusable: 3 (copies: 2, cannot be read: "
        "1).",
        "  2,400 pictures: 800 for train, 200 for val and 480 for test were drawn",
        "Left out",
        "  big.nc: licence CC-BY-NC-4.0 is not one of Apache-2.0, MIT; 86,000,000 parameters, more "
        "than",
        "    30,000,000",
        "Report: r/recommendation/report.html",
    ]


def test_groups_are_told_of_in_the_summary_and_at_the_top_of_the_page(tmp_path):
    notes = [("", "12 groups, each in one split", "grouped"), ("", "names look so", "warned")]
    findings = found(tmp_path, problems=notes)
    choice = "birds", "hybrid-linear", 3, LEVEL, "r/report.html"
    page = recommendation_page(findings, CONFIGURATION, *choice, README, TUNING)
    for text in (
        summary(findings, *choice, TUNING, CONFIGURATION),
        page.split('<section id="candidates">')[0],
    ):
        assert "12 groups, each in one split." in text
        assert "Warning: names look so." in text


def test_scores_over_folds_have_their_error_on_the_page(tmp_path):
    ranked = ranking().assign(linear_standard_error=0.021)
    findings = found(tmp_path, ranked=ranked)
    page = recommendation_page(
        findings, CONFIGURATION, "birds", "hybrid-linear", 3, LEVEL, "r/report.html", README, TUNING
    ).replace("\xa0", " ")
    assert page.count("71.5 ± 2.1 %") == 2
    assert "those with ± are means over folds" in page


def test_candidates_of_one_group_have_no_interval(tmp_path):
    lone = candidates().assign(low=np.nan, high=np.nan)
    page = recommendation_page(
        found(tmp_path, tried=lone), CONFIGURATION, "birds", "hybrid-linear", 3, LEVEL,
        "r/report.html", README, TUNING,
    ).replace("\xa0", " ")  # fmt: skip
    assert "83.0 %</strong> <small>–</small>" in page
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page).lower()


def test_what_the_full_protocol_would_cost_is_in_proportion_to_images_and_pixels():
    quick = {"steps": 100, "batch_size": 32, "pixels": 112, "learning_rates": [0.1], "repeats": 1}
    full = {"steps": 200, "batch_size": 64, "learning_rates": [0.1, 0.01], "repeats": 1}
    tuned = pd.DataFrame({"model": ["a", "b"], "seconds": [10.0, 3.0]})
    text = tuning_words(tuned, quick, full, {"a": 224, "b": 112})
    # a: 2 x 2 x 2 times the images and 4 times the pixels; b: as many pixels.
    assert "would take this machine about 5 min 44 s for the same picks" in text
    assert tuning_words(tuned, full, full, {}).endswith("learning rates 0.1 and 0.01.")
    assert tuning_words(None, full, full, {}) == ""
