"""Which scores are of fine-tuning, and whose."""

import pandas as pd
import pytest

from needle.base.errors import NeedleError
from needle.scores.finished import read_score_file
from needle.scores.known import known_of
from needle.scores.protocols import protocols_of, under
from needle.scores.score_table import point_values, read_scores
from two_protocols import MODERN, beside


def test_another_protocol_takes_the_place_of_the_own(scores):
    both = beside(scores)
    partial = scores[scores["score"] == "knn"].assign(score="partial-25")
    table = under(pd.concat([both, partial]), "modern")
    assert set(table["score"]) == {"finetune", "linear", "knn"}
    points = point_values(table)["finetune"]
    assert points.dropna().to_dict() == pytest.approx(
        {key: value for key, value in MODERN.items() if value == value}
    )


def test_the_own_protocol_leaves_the_scores_as_they_are(scores):
    table = under(beside(scores), "own")
    assert table.reset_index(drop=True).equals(scores)


def test_no_strategy_sees_what_another_protocol_reached(scores, models):
    both = point_values(beside(scores))
    assert protocols_of(both.columns) == ["own", "modern"]
    assert set(known_of(both, models).scores) == {"finetune", "linear", "knn"}


def test_accuracies_under_any_protocol_are_fractions(scores, tmp_path):
    both = beside(scores)
    both.loc[both["score"] == "finetune-modern", "value"] *= 100
    both.to_csv(tmp_path / "scores.csv", index=False)
    with pytest.raises(NeedleError, match="finetune-modern of a on t1 is 90"):
        read_scores(tmp_path / "scores.csv")


@pytest.mark.parametrize("name", ["finetune-", "finetune-own"])
def test_a_finished_score_names_its_protocol(tmp_path, name):
    path = tmp_path / "scores.csv"
    path.write_text(f"model,task,finetune,{name}\na,t,0.5,0.6\n")
    with pytest.raises(NeedleError, match=f"'{name}' cannot be .* the name of a protocol"):
        read_score_file(path, "fraction")
    path.write_text("model,task,finetune,finetune-modern\na,t,0.5,0.6\n")
    assert [row["score"] for row in read_score_file(path, "fraction")] == [
        "finetune", "finetune-modern"
    ]  # fmt: skip
    with pytest.raises(NeedleError, match="finetune-modern is an accuracy"):
        read_score_file(path, {"finetune": "fraction", "finetune-modern": "score"})
