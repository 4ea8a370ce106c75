"""What strategies that learn from known results know of a model that is new."""

from dataclasses import replace

import numpy as np
import pandas as pd

from needle.base.seeds import derive_seed
from needle.regret.formulas import best_by_budget, relative_regret
from needle.regret.uncertainty import means
from needle.scores.known import known_of
from needle.scores.protocols import FINETUNE
from needle.strategies import task_agnostic
from needle.strategies.picks import candidates, rank_all
from needle.strategies.registry import strategies

PAIRS = 2000  # models of a pool x tasks up to which each is hidden: 20 s with two proxies
HIDDEN_COLUMNS = [
    "pool",
    "strategy",
    "budget",
    "hidden",
    "sets",
    "tasks",
    "mean_relative_regret",
    "low",
    "high",
    "difference",
    "difference_low",
    "difference_high",
]
NOTHING, MODEL, FAMILY, BEST = "nothing", "each model", "each family", "the best model"


def as_new(known, names):
    """Hide all fine-tune results of models, in earlier runs too; their proxies stay.

    Parameters
    ----------
    known : Known
    names : collection of str

    Returns
    -------
    Known
    """
    scores = dict(known.scores)
    if FINETUNE in scores:
        scores[FINETUNE] = scores[FINETUNE].copy()
        scores[FINETUNE].loc[:, scores[FINETUNE].columns.isin(list(names))] = float("nan")
    earlier = tuple(as_new(run, names) for run in known.earlier)
    return replace(known, scores=scores, earlier=earlier)


def learning(known):
    """List the strategies that learn from other tasks, and task-agnostic search for their hybrids.

    Parameters
    ----------
    known : Known

    Returns
    -------
    dict of str to Strategy
        Those that the run has what they need for; without oracles.
    """
    return {
        name: each
        for name, each in strategies(known.scores).items()
        if (each.learns or name == task_agnostic.NAME)
        and not each.is_oracle
        and not each.skip(known)
    }


def families_of(pool):
    """List the models of each family; nothing if fewer than two are known.

    Parameters
    ----------
    pool : DataFrame
        Metadata of models.

    Returns
    -------
    list of tuple of str
    """
    families = [tuple(rows) for _, rows in pool.groupby("family", sort=False)["model"]]
    return families if len(families) > 1 else []


def is_too_large(models, tasks):
    """Tell whether a pool of so many models, on so many tasks, is too large to hide each."""
    return models * tasks > PAIRS


def hidden_table(models, members, points, budgets, earlier, task_embeddings, bootstrap):
    """Measure the regret of strategies that learn with models hidden from them as if they were new.

    Parameters
    ----------
    models : DataFrame
    members : dict of str to list of str
        A pool that `is_too_large` is left out.
    points : DataFrame
        Point values, index (task, model).
    budgets : list of int
        Those below the size of a pool, of which all models would be picked, are shown.
    earlier : iterable of Known
    task_embeddings : dict of str to numpy.ndarray
        By task.
    bootstrap : tuple of int, float, int
        Resamples of the tasks, level, master seed.

    Returns
    -------
    DataFrame
        Columns of tables/hidden_models.csv. ``hidden`` is nothing, each model or each family of the
        pool in turn, of which there are ``sets``, or the best model of the task at hand.
        The regret is the mean over these, then over tasks; ``difference`` is that from nothing
        hidden, paired over tasks.
    """
    resamples, level, seed = bootstrap
    bootstrap = resamples, level, derive_seed(seed, "tasks")  # that of tables/mean_regret.csv
    known = known_of(points, models, task_embeddings, earlier)
    searches = learning(known)
    rows = []
    for pool, names in members.items():
        if is_too_large(len(names), len(known.tasks)):
            continue
        shown = np.array([budget for budget in sorted(budgets) if budget < len(names)], int)
        regrets = _regrets_of_pool(models.loc[names], known, searches, shown)
        for (name, budget, hidden), (sets, values) in regrets.items():
            beside = values - regrets[name, budget, NOTHING][1]
            found = means(np.array([values, beside]), *bootstrap).T
            rows.append((pool, name, budget, hidden, sets, len(values), *found[0], *found[1]))
    table = pd.DataFrame(rows, columns=HIDDEN_COLUMNS)
    differences = HIDDEN_COLUMNS[-3:]
    table[differences] = table[differences].mask(table["hidden"] == NOTHING)
    return table


def _regrets_of_pool(pool, known, searches, budgets):
    """Compute by strategy, budget and what is hidden: how many sets there are, a value a task."""
    each = [(model,) for model in pool.index]
    families = families_of(pool)
    found = {}
    for task in known.tasks:
        able = candidates(pool, task, known)
        accuracies = known.scores[FINETUNE].loc[task].reindex(able.index).to_numpy(float)
        if np.isnan(accuracies).all():
            continue
        best = [(able.index[np.nanargmax(accuracies)],)]
        sets = {NOTHING: [()], MODEL: each, FAMILY: families, BEST: best}
        once = {
            names: _regrets(able, task, as_new(known, names), searches, accuracies, budgets)
            for names in dict.fromkeys(names for those in sets.values() for names in those)
        }
        for hidden, those in sets.items():
            for name in once[()] if those else ():
                mean = np.mean([once[names][name] for names in those], axis=0)
                for budget, value in zip(budgets.tolist(), mean, strict=True):
                    entry = found.setdefault((name, budget, hidden), (len(those), []))
                    entry[1].append(value)
    return {key: (sets, np.array(values)) for key, (sets, values) in found.items()}


def _regrets(pool, task, known, searches, accuracies, budgets):
    """Compute the relative regret at some budgets, by strategy that learns."""
    oracle = np.nanmax(accuracies)
    rankings = rank_all(pool, task, known, searches, {}, is_whole=False)
    places = {model: place for place, model in enumerate(pool.index)}
    return {
        name: relative_regret(
            oracle,
            best_by_budget(accuracies, [places[m] for m in ranking.models])[budgets - 1],
        )
        for name, ranking in rankings.items()
        if searches[name].learns
    }
