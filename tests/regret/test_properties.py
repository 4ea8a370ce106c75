"""What regret must always obey, through the real tables, for any scores."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from needle.regret.regret_table import regret_table
from needle.scores.columns import MODEL_COLUMNS
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table
from needle.tables.summary import mean_regret_table

TASKS = ["t1", "t2"]
KEY = ["pool", "strategy", "task", "budget"]
# Coarse values, so that ties are common; distinct ones where ties would matter.
VALUES = st.integers(0, 40).map(lambda k: k / 40)


@st.composite
def worlds(draw, distinct=False):
    """Models and scores: fine-tune, one proxy, reference accuracies."""
    names = [f"m{place}" for place in range(draw(st.integers(2, 6)))]
    size = len(names)

    def values():
        return draw(st.lists(VALUES, min_size=size, max_size=size, unique=distinct))

    models = pd.DataFrame({"model": names, "reference_accuracy": values()})
    models = models.reindex(columns=MODEL_COLUMNS).set_index("model", drop=False)
    models["contaminated_tasks"] = [[] for _ in names]
    rows = [
        (model, task, score, 0, value)
        for task in TASKS
        for score in ("finetune", "linear")
        for model, value in zip(names, values(), strict=True)
    ]
    return models, pd.DataFrame(rows, columns=["model", "task", "score", "repeat", "value"])


def analyse(models, scores):
    members = {"all": list(models.index)}
    points = point_values(scores)
    picks, _ = pick_table(models, members, points)
    regret = regret_table(picks, members, scores, points, resamples=2, level=0.9, seed=0)
    return picks, regret.set_index(KEY).sort_index()


@given(worlds())
def test_regret_is_a_fraction_and_never_grows_with_the_budget(world):
    _, regret = analyse(*world)
    for column in ("relative_regret", "expected_relative_regret", "absolute_regret"):
        values = regret[column].unstack("budget").to_numpy()
        assert ((values >= 0) & (values <= 1)).all(), column
        assert (np.diff(values, axis=1) <= 1e-12).all(), column
        assert values[:, -1] == pytest.approx(0, abs=1e-12), column


@given(worlds())
def test_the_oracle_as_a_proxy_has_no_regret(world):
    models, scores = world
    proxy = scores[scores["score"] == "finetune"].assign(score="perfect")
    _, regret = analyse(models, pd.concat([scores, proxy]))
    assert (regret.loc[("all", "perfect"), "relative_regret"] == 0).all()
    assert (regret.loc[("all", "perfect"), "expected_relative_regret"] == 0).all()


@given(worlds())
def test_hybrid_with_one_pick_is_task_agnostic(world):
    _, regret = analyse(*world)
    first = regret.xs(1, level="budget")["relative_regret"]
    assert first["all", "hybrid-linear"].equals(first["all", "task-agnostic"])


@given(worlds(), VALUES)
def test_a_model_that_no_strategy_picks_changes_regret_only_through_the_oracle(world, accuracy):
    models, scores = world
    low = -1.0  # below every score, so that all rankings end with it
    last = models.iloc[[0]].assign(model="last", reference_accuracy=low).set_index(
        "model", drop=False
    )  # fmt: skip
    rows = [
        ("last", task, score, 0, accuracy if score == "finetune" else low)
        for task in TASKS
        for score in ("finetune", "linear")
    ]
    more = pd.concat([scores, pd.DataFrame(rows, columns=scores.columns)])
    tables = analyse(models, scores)[1], analyse(pd.concat([models, last]), more)[1]
    for strategy in ("linear", "task-agnostic", "hybrid-linear"):
        before, after = (table.xs(strategy, level="strategy") for table in tables)
        after = after.loc[before.index]
        assert after["achieved"].equals(before["achieved"])
        oracle = np.maximum(before["oracle"], accuracy)
        assert after["oracle"].equals(oracle.rename("oracle"))


@given(worlds(distinct=True), st.randoms())
def test_without_ties_the_order_of_models_and_rows_changes_nothing(world, random):
    models, scores = world
    order = list(models.index)
    random.shuffle(order)
    average = scores[scores["score"] == "finetune"].groupby("model")["value"].mean()
    assume(average.is_unique)
    picks, regret = analyse(models, scores)
    shuffled = scores.sample(frac=1, random_state=random.randint(0, 2**31))
    other_picks, other_regret = analyse(models.loc[order], shuffled)
    key = ["strategy", "task", "rank", "model", "tied_rank"]
    assert set(map(tuple, picks[key].to_numpy())) == set(map(tuple, other_picks[key].to_numpy()))
    columns = ["achieved", "relative_regret", "expected_relative_regret", "oracle"]
    pd.testing.assert_frame_equal(regret[columns].sort_index(), other_regret[columns].sort_index())


@st.composite
def worlds_with_gaps(draw):
    """Worlds that lack fine-tune results and proxies, in which some accuracies are 1."""
    models, scores = draw(worlds(distinct=True))
    gone = draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)))
    perfect = draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)))
    finetune = scores["score"] == "finetune"
    scores.loc[finetune & np.array(perfect), "value"] = 1.0
    scores.loc[gone, "value"] = np.nan
    assume(scores.loc[finetune, "value"].notna().any())
    return models, scores


def means(models, scores):
    """Mean regrets that do not depend on declared order, by pool, strategy and budget."""
    table = analyse(models, scores)[1].reset_index()
    means = mean_regret_table(table, resamples=2, level=0.9, seed=0)
    columns = ["tasks", "ranked", "mean_expected_relative_regret"]
    return means.set_index(["pool", "strategy", "budget"])[columns].sort_index()


@given(worlds_with_gaps())
def test_all_strategies_are_averaged_over_the_same_tasks(world):
    _, regret = analyse(*world)
    assert regret["relative_regret"].notna().all()
    for column in ("relative_regret", "expected_relative_regret"):
        assert ((regret[column] >= -1e-12) & (regret[column] <= 1)).all(), column
    tasks = regret.reset_index().groupby(["pool", "strategy", "budget"])["task"].agg(frozenset)
    assert tasks.nunique() == 1
    table = means(*world)
    assert table["tasks"].nunique() == 1
    assert (table.xs("random", level="strategy")["ranked"] == table["tasks"].iloc[0]).all()


@given(worlds_with_gaps())
def test_what_cannot_be_ranked_is_as_good_as_chance(world):
    regret = analyse(*world)[1].reset_index("budget")
    for (_, strategy, task), rows in regret.groupby(["pool", "strategy", "task"]):
        if rows["drawn"].iloc[0]:  # not even the first pick
            chance = regret.loc[("all", "random", task)]
            for column in ("achieved", "relative_regret", "expected_relative_regret"):
                assert rows[column].tolist() == chance[column].tolist(), strategy


@given(worlds_with_gaps(), st.data())
def test_a_model_without_results_changes_no_mean(world, data):
    """Wherever it stands, and whatever is known of it besides."""
    models, scores = world
    before = means(models, scores)
    row = models.iloc[[0]].assign(model="unrun", reference_accuracy=data.draw(VALUES))
    place = data.draw(st.integers(0, len(models)))
    more = pd.concat([models.iloc[:place], row.set_index("model", drop=False), models.iloc[place:]])
    proxies = [("unrun", task, "linear", 0, data.draw(VALUES)) for task in TASKS]
    known = pd.concat([scores, pd.DataFrame(proxies, columns=scores.columns)])
    after = means(more, known)
    shown = after.loc[before.index]  # the pool has one budget more
    pd.testing.assert_frame_equal(shown, before)
    last = after.drop(before.index)["mean_expected_relative_regret"]
    assert (last == 0).all()
