"""What the protocol of fine-tuning changes: accuracy, regret, and what choosing it is worth."""

import numpy as np
import pandas as pd

from needle.base.deltas import relative_regret
from needle.base.long_tables import by_tasks
from needle.base.seeds import derive_seed
from needle.regret.regret_table import regret_table
from needle.regret.uncertainty import means
from needle.scores.protocols import OWN, protocols_of, score_of, under
from needle.scores.score_table import point_values
from needle.strategies.picks import pick_table
from needle.tables.correlation import correlate
from needle.tables.gains import gains, held_out_gains

OF_POOL = ["pool", "measure", "protocol"]
OF_STRATEGY = ["pool", "measure", "strategy", "budget", "protocol"]
PROTOCOL_COLUMNS = [
    "pool",
    "protocol",
    "measure",
    "strategy",
    "budget",
    "tasks",
    "ranked",
    "value",
    "low",
    "high",
    "difference",
    "difference_low",
    "difference_high",
]


def regrets_by_protocol(scores, models, members, budgets, earlier=(), task_embeddings=None):
    """Compute the regret of every strategy as if each protocol were the run's own.

    What a strategy learns from other tasks is then learned under that protocol too.

    Parameters
    ----------
    scores : DataFrame
        Columns of scores.csv, ``finetune-...`` of the further protocols among the scores.
    models, members, earlier, task_embeddings
        As in `picks.pick_table`.
    budgets : list of int

    Returns
    -------
    DataFrame
        Columns protocol, pool, strategy, budget, task, drawn, achieved, relative_regret.
    """
    tables = []
    for protocol in protocols_of(scores["score"].unique()):
        points = point_values(under(scores, protocol))
        picks, _ = pick_table(models, members, points, earlier, task_embeddings)
        # Without repeats: nobody asks for the intervals of single tasks.
        table = regret_table(picks, members, scores[:0], points, resamples=0, level=0, seed=0)
        table = table[table["budget"].isin(budgets)]
        columns = ["pool", "strategy", "budget", "task", "drawn", "achieved", "relative_regret"]
        tables.append(table[columns].astype({"strategy": str}).assign(protocol=protocol))
    return pd.concat(tables, ignore_index=True)


def protocol_table(scores, seconds, members, regrets, resamples, level, seed):
    """Average what each protocol reaches over tasks, and its difference from the run's own.

    Parameters
    ----------
    scores : DataFrame
        Columns of scores.csv.
    seconds : DataFrame or None
        Columns of seconds.csv; None where the cost is not known.
    members : dict of str to list of str
        Models of every pool.
    regrets : DataFrame
        As `regrets_by_protocol` gives it.
    resamples, level, seed : int, float, int
        Of the bootstrap over tasks.

    Returns
    -------
    DataFrame
        Columns of tables/protocols.csv, by pool, measure, strategy and budget, protocols side by
        side. ``difference`` is the mean over tasks of the value minus that under the run's own
        protocol; its interval resamples tasks, each with both. Measures, each a mean over tasks:

        - ``accuracy``: mean over the models that have one under every protocol; ``best``, of all;
          ``missing``: how many have none under this protocol, but under another.
        - ``seconds`` of fine-tuning one model, with all learning rates.
        - ``kendall``: tau-b of the models' accuracies under the own protocol and this one;
          ``regret_of_own_best``: the relative regret here of the model that is best there.
        - ``relative_regret`` and ``achieved`` (accuracy of the best pick) by strategy and budget;
          on ``ranked`` tasks the strategy ranks enough models.
        - ``gain_of_model``, ``gain_of_protocol``, ``gain_of_both``: as `gains.gains` says, and
          without the luck of the seeds ``..._held_out``; ``model_minus_protocol``, of the first
          two. Those of no one protocol are means over protocols.
    """
    seed = derive_seed(seed, "tasks")  # that of tables/mean_regret.csv
    found = regrets.melt(
        ["pool", "strategy", "budget", "protocol", "task", "drawn"],
        ["relative_regret", "achieved"],
        var_name="measure",
    )
    tables = [
        _averaged(_of_pools(scores, seconds, members), OF_POOL, resamples, level, seed),
        _averaged(found, OF_STRATEGY, resamples, level, seed),
    ]
    table = pd.concat(tables, ignore_index=True).astype({"budget": "Int64", "ranked": "Int64"})
    pools = pd.Categorical(table["pool"], list(members))
    return table.iloc[np.argsort(pools.codes, kind="stable")][PROTOCOL_COLUMNS].reset_index(
        drop=True
    )


def _averaged(found, keys, resamples, level, seed):
    """Average a long table (keys, task, value, drawn) over tasks, beside the own protocol's."""
    table, (values, drawn) = by_tasks(found, keys, ["value", "drawn"])
    order = table.groupby(keys[:-1], sort=False).ngroup().to_numpy().argsort(kind="stable")
    table, values, drawn = table.iloc[order].reset_index(drop=True), values[order], drawn[order]
    table["tasks"] = (~np.isnan(values)).sum(axis=1)
    if "strategy" in keys:
        table["ranked"] = (drawn == 0).sum(axis=1)
    table["value"], table["low"], table["high"] = means(values, resamples, level, seed)
    things = pd.MultiIndex.from_frame(table[keys[:-1]])
    own = np.flatnonzero(table["protocol"] == OWN)
    beside = np.append(own, -1)[things[own].get_indexer(things)]
    deltas = values - np.where(beside[:, None] < 0, np.nan, values[beside])
    deltas[own] = np.nan
    differences = means(deltas, resamples, level, seed)
    table["difference"], table["difference_low"], table["difference_high"] = differences
    return table


def _of_pools(scores, seconds, members):
    """List what is measured of a pool on each task: pool, measure, protocol, task, value, drawn."""
    protocols = protocols_of(scores["score"].unique())
    tasks, rows = list(scores["task"].unique()), []
    for pool, names in members.items():
        repeats = _repeats(scores, protocols, tasks, names)
        medians = _median(repeats)
        whole = ~np.isnan(medians).any(axis=2, keepdims=True)
        paired = np.where(whole, medians, np.nan)
        found = {
            ("accuracy", protocol): _mean(paired[:, :, place])
            for place, protocol in enumerate(protocols)
        }
        for place, protocol in enumerate(protocols):
            missing = np.isnan(medians[:, :, place]) & ~np.isnan(medians).all(axis=2)
            found["missing", protocol] = missing.sum(axis=1)
            found["best", protocol] = np.fmax.reduce(medians[:, :, place], axis=1)
            if seconds is not None:
                spent = _seconds(seconds, protocol, tasks, names)
                found["seconds", protocol] = _mean(np.where(whole[:, :, 0], spent, np.nan))
            if protocol != OWN:
                found |= _agreement(paired[:, :, 0], paired[:, :, place], protocol)
        found |= _worth(gains(medians, medians), protocols, "")
        found |= _worth(held_out_gains(_shared(repeats)), protocols, "_held_out")
        rows += [
            (pool, measure, protocol, task, value, 0)
            for (measure, protocol), values in found.items()
            for task, value in zip(tasks, values, strict=True)
        ]
    return pd.DataFrame(rows, columns=[*OF_POOL, "task", "value", "drawn"])


def _repeats(scores, protocols, tasks, models):
    """Lay out fine-tune accuracies: tasks x models x protocols x repeats, NaN for none."""
    numbers = np.sort(scores["repeat"].unique())
    index = pd.MultiIndex.from_product([tasks, models], names=["task", "model"])
    tables = []
    for protocol in protocols:
        mine = scores[scores["score"] == score_of(protocol)]
        wide = mine.pivot(index=["task", "model"], columns="repeat", values="value")
        tables.append(wide.reindex(index=index, columns=numbers).to_numpy(float))
    shape = len(tasks), len(models), len(numbers)
    return np.stack([table.reshape(shape) for table in tables], axis=2)


def _median(repeats):
    """Take the medians over the repeats that have a value; NaN where none has."""
    known = ~np.isnan(repeats).all(axis=-1)
    medians = np.full(known.shape, np.nan)
    medians[known] = np.nanmedian(repeats[known], axis=-1)
    return medians


def _shared(repeats):
    """Keep the repeats that there are under every protocol."""
    return repeats[..., (~np.isnan(repeats)).any(axis=(0, 1)).all(axis=0)]


def _mean(values):
    """Average each row over its known values; NaN where there is none."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0).sum(axis=1) / known.sum(axis=1)


def _seconds(seconds, protocol, tasks, models):
    mine = seconds[seconds["stage"] == score_of(protocol)]
    wide = mine.pivot(index="task", columns="model", values="seconds")
    return wide.reindex(index=tasks, columns=models).to_numpy(float)


def _agreement(own, other, protocol):
    """Say how far the models' order under the own protocol (tasks x models) is that of another."""
    kendall, regret = [], []
    for x, y in zip(own, other, strict=True):
        both = ~np.isnan(x)
        kendall.append(correlate(x[both], y[both])[1])
        regret.append(
            float(relative_regret(y[both].max(), y[both][x[both].argmax()]))
            if both.any()
            else np.nan
        )
    return {("kendall", protocol): kendall, ("regret_of_own_best", protocol): regret}


def _worth(found, protocols, suffix):
    model, protocol, both = found
    mean = model.mean(axis=1)
    return {
        **{
            (f"gain_of_model{suffix}", name): model[:, place]
            for place, name in enumerate(protocols)
        },
        (f"gain_of_model{suffix}", ""): mean,
        (f"gain_of_protocol{suffix}", ""): protocol,
        (f"gain_of_both{suffix}", ""): both,
        (f"model_minus_protocol{suffix}", ""): mean - protocol,
    }
