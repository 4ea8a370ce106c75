"""Search in rounds: few pictures for all models, more for those that may be among the best."""

import math

import numpy as np
import pandas as pd

from needle.base.formats import SPACE, count, interval, percent
from needle.base.seeds import generator
from needle.recommend.auto import AUTO
from needle.recommend.intervals import wilson
from needle.scores.columns import DATA
from needle.strategies import task_agnostic
from needle.strategies.labels import strategy_label

SPLITS = ("train", "val")


def stratified_order(labels, draws):
    """Order examples so that every beginning of the order has each class by its share.

    The i-th of the n examples of a class, counted from 0 as drawn, stands at i / n. So of two
    classes of a beginning the shares differ by less than one example of either, and each class has
    one before any has all.

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (N,)
    draws : numpy.random.Generator

    Returns
    -------
    numpy.ndarray of int, shape (N,)

    Examples
    --------
    >>> labels = np.array([0, 0, 0, 0, 1, 1])
    >>> order = stratified_order(labels, np.random.default_rng(0))
    >>> sorted(labels[order[:3]].tolist()), sorted(order.tolist())
    ([0, 0, 1], [0, 1, 2, 3, 4, 5])
    """
    drawn = draws.permutation(len(labels))
    members = pd.Series(labels[drawn]).groupby(labels[drawn])
    places = members.cumcount() / members.transform("size")
    return drawn[np.argsort(places.to_numpy(), kind="stable")]


def draw_rounds(labels, counts, seed):
    """Draw the pictures of each round: nested, stratified, of train and val in proportion.

    Parameters
    ----------
    labels : dict of str to numpy.ndarray of int
        Of ``train`` and ``val``.
    counts : list of int
        Pictures of each round, train and val together, ascending.
    seed : int
        The run's master seed.

    Returns
    -------
    list of dict of str to numpy.ndarray of int
        Rows of train and val of each round, ascending. A round that would have all pictures of a
        split, or none that the one before has not, is not there.

    Examples
    --------
    >>> labels = {"train": np.arange(80) % 4, "val": np.arange(20) % 4}
    >>> [(len(each["train"]), len(each["val"])) for each in draw_rounds(labels, [25, 50, 100], 1)]
    [(20, 5), (40, 10)]
    """
    total = sum(map(len, labels.values()))
    orders = {
        split: stratified_order(labels[split], generator(seed, "rounds", split)) for split in SPLITS
    }
    rounds, before = [], dict.fromkeys(SPLITS, 0)
    for pictures in counts:
        val = round(pictures * len(labels["val"]) / total)
        sizes = {"train": pictures - val, "val": val}
        if all(before[split] < sizes[split] < len(labels[split]) for split in SPLITS):
            rounds.append({split: np.sort(orders[split][: sizes[split]]) for split in SPLITS})
            before = sizes
    return rounds


def places_of(pool, number, least=1):
    """Say how many models a round is to leave: half of the pool, a quarter, and so on.

    Parameters
    ----------
    pool : int
        Models of the first round.
    number : int
        Of the round, from 1.
    least : int
        Fewer are never left.

    Examples
    --------
    >>> [places_of(23, number, least=3) for number in (1, 2, 3, 4)]
    [12, 6, 3, 3]
    """
    return max(math.ceil(pool / 2**number), least)


def judge(scores, examples, places, level, kept=()):
    """Decide which models go on.

    Those go on that the round has places for, the best first, and all whose interval reaches the
    score of the last of these: the cut. So does a model without a score.

    Parameters
    ----------
    scores : Series
        Accuracy by model, as a fraction; NaN where there is none.
    examples : int
        On how many it was measured.
    places : int
        Models that are to go on, at least 1.
    level : float
        Of the Wilson intervals.
    kept : collection of str
        Models that go on in any case.

    Returns
    -------
    DataFrame
        Index model, columns ``value``, ``low``, ``high``, ``cut`` and ``goes_on``.

    Examples
    --------
    >>> scores = pd.Series({"a": 0.9, "b": 0.8, "c": 0.78, "d": 0.4})
    >>> judge(scores, 50, 2, 0.95)["goes_on"].tolist()
    [True, True, True, False]
    """
    table = pd.DataFrame({"value": scores, "low": np.nan, "high": np.nan})
    known = scores.dropna()
    for model, score in known.items():
        table.loc[model, ["low", "high"]] = wilson(round(score * examples), examples, level)
    table["cut"] = known.nlargest(places).min()
    # The interval is of a whole number of examples: a narrow one may end below the value.
    below = table[["value", "high"]].max(axis=1) < table["cut"]
    table["goes_on"] = ~below | table.index.isin(list(kept))
    return table


def examples_of(pictures, folds, settings):
    """Count the pictures of a round on which a proxy's accuracy is measured.

    Parameters
    ----------
    pictures : DataFrame
        Columns of rounds/{number}/pictures.csv.
    folds : list of numpy.ndarray of bool
        What is val, as `folds.read_folds` gives it.
    settings : dict
        Of the proxy.

    Returns
    -------
    int
        Those of val, or of any fold, or all where each is judged by the others.
    """
    if settings.get("leave_one_out"):
        return len(pictures)
    return int(np.any(folds, axis=0).sum()) if folds else int((pictures["split"] == "val").sum())


def first_anyway(strategy, searches, models):
    """Name the model that a strategy picks first whatever the pictures are; it is never dropped.

    Parameters
    ----------
    strategy : str
        As the config has it.
    searches : dict of str to Strategy
    models : DataFrame
        As `score_table.read_models` gives it.

    Returns
    -------
    list of str
        The first of task-agnostic search, if the strategy is a hybrid or yet to be chosen.
    """
    if strategy != AUTO and not searches[strategy].hybrid_of:
        return []
    return task_agnostic.rank(models, DATA, None).models[:1]


def dropped_reasons(rounds, proxy, total):
    """Say of each model that was dropped after how many pictures, and why.

    Parameters
    ----------
    rounds : list of DataFrame
        Columns of rounds/{number}/models.csv, of the rounds in their order.
    proxy : str
        By which they went.
    total : int
        Pictures of train and val.

    Returns
    -------
    dict of str to str
        By model.
    """
    reasons = {}
    for table in rounds:
        for row in table[~table["goes_on"]].to_dict("records"):
            ends = interval(row["low"], row["high"])
            reasons[row["model"]] = (
                f"dropped after {count(row['pictures'])} of {count(total)} pictures: by "
                f"{strategy_label(proxy)} it has {percent(row['value'])} ({ends}), which does not "
                f"reach {percent(row['cut'])}, the last with a place"
            ).replace(SPACE, " ")
    return reasons


def with_rounds(seconds, rounds):
    """Add what the rounds took to the seconds of each model.

    Parameters
    ----------
    seconds : dict of str to float
        Of embedding, with that of all rounds, and of the proxies at the end; of the models that
        were left.
    rounds : list of DataFrame
        As in `dropped_reasons`.

    Returns
    -------
    dict of str to float
        Of all models.
    """
    total = pd.Series(seconds, dtype=float)
    for table in rounds:
        spent = table.set_index("model")
        total = total.add(spent["proxy_seconds"], fill_value=0)
        total = total.add(spent.loc[~spent["goes_on"], "embedding_seconds"], fill_value=0)
    return total.to_dict()


def rounds_words(rounds, total):
    """Say how many models were embedded with how many pictures, and what share of all that is.

    Parameters
    ----------
    rounds, total
        As in `dropped_reasons`.

    Returns
    -------
    str
        "" if there was no round.

    Examples
    --------
    >>> table = pd.DataFrame({"pictures": 250, "goes_on": [True] * 3 + [False] * 9})
    >>> rounds_words([table], 1000)
    'Search went in rounds: 12 models with 250 pictures, 3 with all 1,000: 44 % of all pictures.'
    """
    if not rounds:
        return ""
    steps = [(len(table), int(table["pictures"].iloc[0])) for table in rounds]
    steps.append((int(rounds[-1]["goes_on"].sum()), total))
    before = [0, *(pictures for _, pictures in steps)]
    spent = sum(
        models * (pictures - had)
        for (models, pictures), had in zip(steps, before[:-1], strict=True)
    )
    (first, few), *middle, (last, _) = steps
    parts = [f"{count(first, 'model')} with {count(few)} pictures"]
    parts += [f"{models} with {count(pictures)}" for models, pictures in middle]
    parts.append(f"{last} with all {count(total)}")
    share = spent / (total * first)
    text = f"Search went in rounds: {', '.join(parts)}: {100 * share:.0f} % of all pictures."
    return text.replace(SPACE, " ")
