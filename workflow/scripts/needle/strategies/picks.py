"""What every strategy picks, and what is missing and why."""

import numpy as np
import pandas as pd

from needle.base.long_tables import stack
from needle.scores.known import known_of
from needle.scores.protocols import FINETUNE
from needle.strategies import hybrid, task_agnostic
from needle.strategies.registry import strategies

PICK_COLUMNS = ["pool", "strategy", "task", "rank", "model", "tied_rank"]
GAP_COLUMNS = ["kind", "pool", "strategy", "task", "model", "reason"]


def pick_table(models, members, points, earlier=(), task_embeddings=None):
    """Rank every pool for every task with every strategy that the run has what it needs for.

    Parameters
    ----------
    models : DataFrame
    members : dict of str to list of str
        Models of every pool.
    points : DataFrame
        Point values, index (task, model).
    earlier : iterable of Known, optional
        Earlier runs.
    task_embeddings : dict of str to numpy.ndarray, optional
        By task.

    Returns
    -------
    tuple of DataFrame
        picks.csv, and the gaps: the strategies that are skipped and the rankings that end before
        the pool's candidates do, and why. The candidates of a task are the models that were
        fine-tuned on it, for every strategy.
    """
    known = known_of(points, models, task_embeddings, earlier)
    searches = strategies(points.columns)
    reasons = {name: strategy.skip(known) for name, strategy in searches.items()}
    gaps = [
        ("skipped strategy", "", name, "", "", reason) for name, reason in reasons.items() if reason
    ]
    searches = {name: each for name, each in searches.items() if not reasons[name]}
    most = len(known.tasks) * len(searches) * sum(map(len, members.values()))
    picks = stack(_pick_blocks(models, members, known, searches, gaps), most, PICK_COLUMNS)
    picks["model"] = pd.Categorical.from_codes(picks["model"], models.index)
    return picks, pd.DataFrame(gaps, columns=GAP_COLUMNS)


def _pick_blocks(models, members, known, searches, gaps):
    """Rank for every key of picks.csv; models by their place in `models`."""
    for pool, names in members.items():
        mine, for_all = models.loc[names], {}
        for task in known.tasks:
            able = candidates(mine, task, known)
            rankings = rank_all(able, task, known, searches, for_all, able is mine)
            for name, ranking in rankings.items():
                yield (
                    (pool, name, task),
                    {
                        "rank": np.arange(1, 1 + len(ranking.models)),
                        "model": models.index.get_indexer(ranking.models),
                        "tied_rank": np.array(ranking.tied_ranks, int),
                    },
                )
                if ranking.reason:
                    gaps.append(("short ranking", pool, name, task, "", ranking.reason))


def rank_all(pool, task, known, searches, for_all, is_whole):
    """Rank a pool for a task with every strategy; what is the same for all tasks only once.

    Parameters
    ----------
    pool : DataFrame
        Metadata of the task's candidates.
    task : str
    known : Known
        With the task's own results.
    searches : dict of str to Strategy
        A hybrid comes after task-agnostic search and the strategy that it is a hybrid of.
    for_all : dict of str to Ranking
        Rankings that are the same for all tasks; those found here are added.
    is_whole : bool
        Whether `pool` is the whole pool, of which these are.

    Returns
    -------
    dict of str to Ranking
    """
    # Only an oracle may look at what fine-tuning on the task itself has shown.
    before, rankings = known.before(task), {}
    for name, strategy in searches.items():
        if strategy.hybrid_of:
            parts = (rankings[part] for part in (task_agnostic.NAME, strategy.hybrid_of))
            rankings[name] = hybrid.combine(*parts)
        elif is_whole and name in for_all:
            rankings[name] = for_all[name]
        else:
            seen = known if strategy.is_oracle else before
            rankings[name] = strategy.rank(pool, task, seen)
            if strategy.same_for_all and is_whole:
                for_all[name] = rankings[name]
    return rankings


def candidates(pool, task, known):
    """Take the models of a pool of which a regret can be known: those fine-tuned on the task.

    Parameters
    ----------
    pool : DataFrame
        Metadata of models; ``contaminated_tasks`` a list.
    task : str
    known : Known

    Returns
    -------
    DataFrame
        Where none was fine-tuned on the task, those that have not seen its data. `pool` itself
        where all are candidates.
    """
    kept = known.scores[FINETUNE].loc[task].reindex(pool.index).notna().to_numpy()
    if not kept.any():
        kept = np.array([task not in seen for seen in pool["contaminated_tasks"]])
    return pool if kept.all() else pool[kept]


def proxy_gaps(missing):
    """Name the proxy scores that could not be computed.

    Parameters
    ----------
    missing : DataFrame
        Columns of missing.csv: model, task, score, reason.

    Returns
    -------
    DataFrame
        Columns of tables/gaps.csv; the score is the strategy that lacks it.
    """
    gaps = missing.rename(columns={"score": "strategy"}).assign(kind="no value", pool="")
    return gaps[GAP_COLUMNS]


def score_gaps(models, members, scores, points):
    """Name the fine-tune accuracies that are missing, and the tasks that have no oracle.

    Parameters
    ----------
    models : DataFrame
    members : dict of str to list of str
    scores : DataFrame
        Columns of scores.csv: a run that diverged is a row without a value.
    points : DataFrame
        Point values, index (task, model).

    Returns
    -------
    DataFrame
        Columns of tables/gaps.csv. A task without an oracle in a pool is left out for that pool;
        where the oracle is 1, the relative regret of whatever is less is 1.
    """
    finetune = scores[scores["score"] == "finetune"]
    diverged = finetune[finetune["value"].isna()]
    tried = set(zip(diverged["task"], diverged["model"], strict=True))
    names = dict.fromkeys(model for models in members.values() for model in models)
    gaps = []
    for task in points.index.unique("task"):
        accuracies = points["finetune"].loc[task].reindex(list(names))
        for model in accuracies.index[accuracies.isna()]:
            if task in models.loc[model, "contaminated_tasks"]:
                gap = ("left out", "", "", task, model, "the model has seen the task's data")
            elif (task, model) in tried:
                gap = ("diverged", "", "", task, model, "no fine-tune run had a finite loss")
            else:
                gap = ("no score", "", "", task, model, "the scores hold no fine-tune accuracy")
            gaps.append(gap)
        gaps += [
            ("no oracle", pool, "", task, "", "no model of the pool has a fine-tune accuracy")
            for pool, models in members.items()
            if accuracies[models].isna().all()
        ]
        gaps += [
            ("oracle of 1", pool, "", task, "", "every pick below it has a relative regret of 1")
            for pool, models in members.items()
            if accuracies[models].max() == 1
        ]
    return pd.DataFrame(gaps, columns=GAP_COLUMNS)
