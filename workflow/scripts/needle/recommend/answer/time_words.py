"""What was fine-tuned in a given time, and what more time would have tried, in words."""

from needle.base.formats import SPACE, count, duration, plain
from needle.pages.protocol_words import described


def time_words(plan, time, protocol):
    """Say what fine-tuning in a given time has done, and what it has not.

    Parameters
    ----------
    plan : DataFrame
        Columns of plan.csv.
    time : str
        The config's ``time``.
    protocol : dict
        Of a whole run.

    Returns
    -------
    str
    """
    done, more = plan[plan["rung"].notna()], plan[plan["rung"].isna()]
    rungs = [
        f"{count(len(runs), 'run')} of {count(steps, 'step')}"
        for (_, steps), runs in done.groupby(["rung", "steps"])
    ]
    did = (
        f"{', then '.join(rungs)} took {duration(done['seconds'].sum())}"
        if rungs
        else "The search left too little of it to fine-tune"
    )
    return (
        f"A whole run of fine-tuning was {described(protocol)}. Time: {time} for search and "
        f"fine-tuning. {did}. {_more(more)}"
    ).replace(SPACE, " ")


def _more(plan):
    """What was not trained to the end."""
    if plan.empty:
        return "More time would have tried nothing more: all were trained with all steps."
    first = plan.iloc[0]
    what = f"{count(len(plan), 'run')} of {count(first['steps'], 'step')}"
    which = f"{first['model']} at {plain(first['learning_rate'])}{' first' * (len(plan) > 1)}"
    seconds = duration(plan["predicted_seconds"].sum())
    return f"More time would have tried {what}, {which}: about {seconds}."
