"""What each value of a run took, from the files of its jobs."""

import pandas as pd

from needle.finetuning.partial import SCORE, SECONDS, is_partial, measured_percents
from needle.scores.protocols import FINETUNE
from needle.scores.run_files import read_pair


def read_spent(results, scores):
    """Read the seconds of every value, over all learning rates of its repeat, and their device.

    Parameters
    ----------
    results : pathlib.Path
        Folder of the run.
    scores : DataFrame
        Columns of scores.csv.

    Returns
    -------
    DataFrame
        Columns model, task, score, repeat, seconds, device; the device is "" where a file of an
        earlier release does not say it, and of proxies.
    """
    tables = []
    for (model, task), rows in scores.groupby(["model", "task"], sort=False):
        whole = [score for score in rows["score"].unique() if not is_partial(score)]
        for score, runs in read_pair(results, model, task, dict.fromkeys(whole)):
            tables += [_table(model, task, *spent) for spent in _by_repeat(score, runs)]
    return pd.concat(tables, ignore_index=True)


def _by_repeat(score, runs):
    """Seconds and device of each repeat of a score, and of what was measured on its way."""
    device = runs["device"] if "device" in runs else pd.Series("", runs.index)
    columns = {score: "seconds"}
    if score == FINETUNE:
        columns |= {SCORE.format(each): SECONDS.format(each) for each in measured_percents(runs)}
    for name, column in columns.items():
        by_repeat = runs.assign(device=device).groupby("repeat")
        yield name, by_repeat[column].sum(skipna=False), by_repeat["device"].first()


def _table(model, task, score, seconds, device):
    return pd.DataFrame(
        {"model": model, "task": task, "score": score, "repeat": seconds.index,
         "seconds": seconds.to_numpy(), "device": device.to_numpy()}
    )  # fmt: skip
