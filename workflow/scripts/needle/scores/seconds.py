"""How long embedding, proxies and fine-tuning took, and how many steps."""

from needle.finetuning.partial import SCORE, SECONDS, STEPS, WHOLE, measured_percents
from needle.scores.protocols import FINETUNE

# Stages; the others are proxies, and fine-tuning part of the way, named as its score. The whole of
# fine-tuning with the measuring on the way is a stage of its own.
EMBEDDING, MEASURED = "embedding", SCORE.format(WHOLE)
SECONDS_COLUMNS = ["model", "task", "stage", "seconds", "steps"]


def of_repeat(runs, column):
    """Add up what one repeat took: all its learning rates, mean over repeats.

    Parameters
    ----------
    runs : DataFrame
        Columns repeat and `column`; one row per run.
    column : str
        Such as ``seconds``.

    Returns
    -------
    float
        NaN where the value of a run is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"repeat": [0, 0, 1, 1], "seconds": [1, 2, 3, 4]})
    >>> float(of_repeat(runs, "seconds"))
    5.0
    """
    return runs.groupby("repeat")[column].sum(skipna=False).mean(skipna=False)


def finetune_stages(runs, score=FINETUNE):
    """Compute what fine-tuning took, as a whole and up to where it was measured on the way.

    Parameters
    ----------
    runs : DataFrame
        Fine-tuning runs of one (model, task), with the columns of `partial.Curve`.
    score : str, optional
        What the whole is called, if the protocol is not the run's own.

    Returns
    -------
    dict of str to tuple of float
        Seconds and steps of one repeat by stage.
    """
    stages = {score: (of_repeat(runs, "seconds"), of_repeat(runs, "steps"))}
    percents = measured_percents(runs.columns)
    whole = runs.rename(columns={"steps": STEPS.format(WHOLE)})
    for percent in [*percents, WHOLE] if percents else []:
        columns = SECONDS.format(percent), STEPS.format(percent)
        stages[SCORE.format(percent)] = tuple(of_repeat(whole, column) for column in columns)
    return stages
