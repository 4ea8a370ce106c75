"""The ranking of a pool against orders worked by hand, and its file."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needle.base.csv_files import write_table
from needle.base.errors import NeedleError
from needle.base.run_tables import read_table
from needle.recommend.ranking import rank_pool, with_cards
from needle.scores.columns import MODEL_COLUMNS, SPEED_COLUMNS
from needle.scores.known import known_of

# model, reference accuracy, parameters, linear, knn
POOL = [
    ("a", 0.5, 3, 0.6, 0.5),
    ("b", 0.7, 5, 0.7, 0.4),
    ("c", None, None, 0.9, 0.4),
    ("d", None, 4, 0.6, 0.9),
]
SECONDS = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.5}


def pool(rows=POOL):
    table = pd.DataFrame(
        [
            dict.fromkeys([*MODEL_COLUMNS, *SPEED_COLUMNS])
            | {"model": model, "reference_accuracy": reference, "params": params,
               "tags": ["small", model], "contaminated_tasks": []}
            for model, reference, params, *_ in rows
        ]
    )  # fmt: skip
    table = table.astype({"reference_accuracy": float, "params": float, "upstream_examples": float})
    return table.set_index("model", drop=False)


def points(rows=POOL):
    index = pd.MultiIndex.from_product([["data"], [row[0] for row in rows]])
    scores = [row[3:] for row in rows]
    return pd.DataFrame(scores, index.set_names(["task", "model"]), ["linear", "knn"], dtype=float)


def rank(strategy="hybrid-linear", budget=2, left_out=(), rows=POOL):
    return rank_pool(pool(rows), points(rows), SECONDS, strategy, budget, dict(left_out))


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("hybrid-linear", "bcad"),  # a and d are level by linear: declared order
        ("linear", "cbad"),
        ("knn", "dabc"),
        ("hybrid-knn", "bdac"),
        ("task-agnostic", "bacd"),  # c and d have no reference accuracy: unranked
    ],
)
def test_the_order_by_hand(strategy, expected):
    table = rank(strategy)
    assert "".join(table["model"]) == expected
    ranked = 2 if strategy == "task-agnostic" else 4
    assert table["rank"].tolist()[:ranked] == list(range(1, ranked + 1))
    assert table["rank"][ranked:].isna().all()
    assert table["picked"].tolist() == [True, True, False, False]
    assert table["why"].astype(bool).tolist() == [True, True, False, False]


def test_all_that_is_known_of_a_model_is_in_its_row():
    row = rank().set_index("model").loc["d"]
    assert (row["linear"], row["knn"], row["params"], row["seconds"]) == (0.6, 0.9, 4, 4.5)
    ranks = row.filter(like="_rank")
    assert ranks.drop("task-agnostic_rank").to_dict() == {
        "linear_rank": 4, "knn_rank": 1, "size_rank": 2,
        "hybrid-linear_rank": 4, "hybrid-knn_rank": 2,
    }  # fmt: skip
    assert pd.isna(ranks["task-agnostic_rank"])
    assert (row["tags"], row["why"], row["left_out"]) == ("small;d", "", "")


def test_the_columns_are_those_that_the_report_reads():
    assert list(rank().columns) == [
        "model", "rank", "picked", "linear", "knn", "task-agnostic_rank", "linear_rank",
        "knn_rank", "hybrid-linear_rank", "hybrid-knn_rank", "size_rank", "reference_accuracy",
        "params", "embedding_dim", "license", "upstream_dataset", "upstream_examples", "tags",
        "milliseconds", "pictures_per_second", "inference_mb", "device", "seconds", "why",
        "left_out",
    ]  # fmt: skip


def test_who_is_left_out_takes_no_rank_but_keeps_its_scores():
    table = rank(left_out={"b": "5 parameters, more than 4", "c": "ruled out"})
    assert table["model"].tolist() == ["a", "d", "b", "c"]
    assert table["picked"].tolist() == [True, True, False, False]
    barred = table.set_index("model").loc["b"]
    assert barred["left_out"] == "5 parameters, more than 4"
    assert barred["linear"] == 0.7
    assert barred.filter(like="rank").isna().all()
    # The best of those that remain; b had the higher reference accuracy.
    assert "1 of 2 models has one" in table["why"][0]


def test_the_file_says_the_same_with_whole_numbers(tmp_path):
    write_table(tmp_path / "ranking.csv", rank("task-agnostic", left_out={"c": "ruled out"}))
    text = (tmp_path / "ranking.csv").read_text()
    assert "b,1,True,0.7,0.4,1," in text
    assert "d,,False,0.6,0.9,,3,1," in text
    assert ",5,,,,,small;b,,,,,2.0," in text  # whole parameters, though those of c are unknown
    table = read_table(tmp_path / "ranking.csv")
    assert table["picked"].dtype == bool
    assert table["left_out"].tolist() == ["", "", "", "ruled out"]


def test_a_ranking_shorter_than_the_budget_gives_fewer_picks():
    assert rank("task-agnostic", budget=3)["picked"].sum() == 2


def test_without_any_candidate_for_the_strategy_the_error_names_others():
    unknown = [(model, None, params, *scores) for model, _, params, *scores in POOL]
    with pytest.raises(NeedleError) as caught:
        rank("hybrid-linear", rows=unknown)
    assert str(caught.value) == (
        "config: strategy: hybrid-linear ranks no model (no task-agnostic pick: no model has a "
        "reference accuracy or a known upstream dataset size); take another strategy: "
        "linear, knn, size, or "
        "give reference_accuracy or upstream_examples in the model cards or file"
    )


def earlier_run():
    """Two tasks on which d was best and the proxies told nothing."""
    tasks = pd.MultiIndex.from_product([["t1", "t2"], list("abcd")], names=["task", "model"])
    results = {"finetune": [0.1, 0.2, 0.3, 0.9] * 2, "linear": [0.5, 0.5, 0.5, 0.5] * 2}
    return known_of(pd.DataFrame(results, tasks), pool())


def test_a_strategy_that_learned_from_earlier_runs():
    table = rank_pool(
        pool(), points(), SECONDS, "hybrid-prior", 2, {}, earlier=[earlier_run()]
    ).set_index("model")
    assert list(table.index) == ["b", "d", "c", "a"]
    assert table["prior_rank"].tolist() == [3, 1, 2, 4]
    assert table.loc["b", "why"].startswith("best task-agnostic pick: ")
    assert table.loc["d", "why"] == (
        "best by Prior search among the others; joint 3rd by linear, 1st by kNN"
    )
    assert "task2vec_rank" not in table


def test_a_strategy_that_learns_without_earlier_runs_is_refused():
    with pytest.raises(NeedleError, match=r"prior ranks no model \(needs fine-tune results on 2"):
        rank("prior")


def test_a_pool_of_nobody_is_refused_with_all_reasons():
    with pytest.raises(NeedleError, match="leave out every model") as caught:
        rank(left_out={name: f"reason {name}" for name in "abcd"})
    assert str(caught.value).splitlines()[1:] == [f"  - {name}: reason {name}" for name in "abcd"]


def test_models_that_were_never_measured_stand_last():
    cards = {
        "big.nc": {"name": "big.nc", "params": 86_000_000, "tags": ["expert"],
                   "license": "CC-BY-NC-4.0", "left_out": "licence"},
        "bare": {"name": "bare", "left_out": "no known parameters"},
    }  # fmt: skip
    everyone = with_cards(pool(), cards)
    assert everyone.index.tolist() == ["a", "b", "c", "d", "big.nc", "bare"]
    reasons = {name: card["left_out"] for name, card in cards.items()}
    table = rank_pool(everyone, points(), SECONDS, "linear", 1, reasons)
    assert table["model"].tolist() == ["c", "b", "a", "d", "big.nc", "bare"]
    big = table.set_index("model").loc["big.nc"]
    assert (big["params"], big["license"], big["tags"]) == (86_000_000, "CC-BY-NC-4.0", "expert")
    assert big[["linear", "knn", "seconds", "rank"]].isna().all()


SCORE = st.sampled_from([None, 0.1, 0.5, 0.9])


@given(
    scores=st.lists(st.tuples(SCORE, SCORE, SCORE), min_size=1, max_size=6),
    strategy=st.sampled_from(["linear", "knn", "hybrid-linear", "task-agnostic"]),
    budget=st.integers(1, 7),
    barred=st.sets(st.integers(0, 5)),
)
def test_picks_are_the_first_of_a_ranking_of_those_admitted(scores, strategy, budget, barred):
    rows = [(f"m{n}", reference, n, *known) for n, (reference, *known) in enumerate(scores)]
    left_out = {f"m{n}": "barred" for n in sorted(barred) if n < len(rows)}
    try:
        table = rank_pool(pool(rows), points(rows), {}, strategy, budget, left_out)
    except NeedleError:
        return
    assert sorted(table["model"]) == sorted(row[0] for row in rows)
    ranked = table["rank"].notna().to_numpy()
    assert table["rank"][ranked].tolist() == list(range(1, ranked.sum() + 1))
    assert ranked[: ranked.sum()].all()
    assert table["picked"].sum() == min(budget, ranked.sum())
    assert (table["picked"] == (table["rank"].fillna(99) <= budget)).all()
    assert not table["model"][ranked].isin(left_out).any()
    assert np.array_equal(table["why"] != "", table["picked"])
    assert table["rank"].equals(table[f"{strategy}_rank"])
