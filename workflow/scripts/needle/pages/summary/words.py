"""What a run says, in sentences."""

from needle.base.formats import count, interval, names, percent
from needle.pages.comparison import ORACLES, reading
from needle.pages.headline import gap_lines
from needle.regret.comparison import is_complete
from needle.strategies.labels import strategy_label
from needle.strategies.registry import RANDOM, strategies

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
NAMED = 4  # strategies in a sentence
GAPS = 10


def number(value):
    """Write a small number as a word.

    Examples
    --------
    >>> number(1), number(12)
    ('one', '12')
    """
    return NUMBERS[value] if value < len(NUMBERS) else f"{value:,}"


def called(strategies):
    """Name strategies in a sentence; of many, the first."""
    return names(map(strategy_label, strategies), NAMED)


def lowest(mean_regret, pool, budget):
    """Find the strategies with the lowest mean regret that somebody can follow.

    Parameters
    ----------
    mean_regret : DataFrame
        Columns of tables/mean_regret.csv, of the strategies to choose from.
    pool : str
    budget : int

    Returns
    -------
    DataFrame
        Their rows: without oracles, random search, and those that rank too few models somewhere.
    """
    rows = mean_regret[(mean_regret["pool"] == pool) & (mean_regret["budget"] == budget)]
    rows = rows[~rows["strategy"].isin([*ORACLES, RANDOM]) & is_complete(rows)]
    return rows[rows["mean_relative_regret"] == rows["mean_relative_regret"].min()]


def answer(mean_regret, comparison, labels, budgets, level):
    """Say which strategy loses least in the first pool, how sure that is, and more budgets.

    Parameters
    ----------
    mean_regret : DataFrame
        Columns of tables/mean_regret.csv, of the strategies that are shown.
    comparison : DataFrame
        Columns of tables/strategies.csv.
    labels : dict of str to str
        What a reader calls each pool.
    budgets : list of int
    level : float
        Of the intervals.

    Returns
    -------
    dict of str to str
        ``headline``, ``lead`` and ``certainty``; the last may be empty.
    """
    pool, label = next(iter(labels.items()))
    best = lowest(mean_regret, pool, budgets[0])
    if best.empty:
        return {
            "headline": "No strategy ranks every task",
            "lead": f"In {label} each strategy that is shown lacks scores on some task, and picks "
            "at random there; none is called the lowest.",
            "certainty": "",
        }
    row, many = best.iloc[0], len(best) > 1
    who = called(best["strategy"])
    bounds = interval(row["low"], row["high"])
    over = f"over {number(row['tasks'])} task{'s' if row['tasks'] > 1 else ''}"
    sure = f"{level:.0%} interval {over}: {bounds}" if row["low"] == row["low"] else over
    lead = (
        f"With {number(budgets[0])} model{'s' if budgets[0] > 1 else ''} of {label} fine-tuned, "
        f"{'their' if many else 'its'} picks have a mean relative regret of "
        f"{percent(row['mean_relative_regret'])} ({sure}): so much of their errors the best model "
        "of the pool would not have made."
    )
    drawn = mean_regret[
        (mean_regret["pool"] == pool)
        & (mean_regret["budget"] == budgets[0])
        & (mean_regret["strategy"] == RANDOM)
    ]
    if len(drawn):
        lead += f" Picks at random have {percent(drawn['mean_relative_regret'].iloc[0])}."
    later = [_of_budget(mean_regret, pool, budget) for budget in budgets[1:]]
    said = [
        _certainty(best, comparison, pool, budgets[0]),
        *filter(None, later),
        *(_halves(best["strategy"])),
    ]
    return {
        "headline": f"{who} lose{'' if many else 's'} least",
        "lead": lead,
        "certainty": " ".join(filter(None, said)),
    }


def _of_budget(mean_regret, pool, budget):
    best = lowest(mean_regret, pool, budget)
    if best.empty:
        return ""
    who = called(best["strategy"])
    return f"With {number(budget)} it is {who}: {percent(best['mean_relative_regret'].iloc[0])}."


def _certainty(best, comparison, pool, budget):
    """Say whether the lowest differs from the baseline of all comparisons."""
    rows = comparison[(comparison["pool"] == pool) & (comparison["budget"] == budget)]
    rows = rows.set_index("strategy")
    baseline = rows["baseline"].iloc[0] if len(rows) else ""
    if baseline not in rows.index or baseline in set(best["strategy"]):
        return ""
    verdicts = rows["verdict"].reindex(best["strategy"])
    theirs = f"{strategy_label(baseline)}, which has "
    theirs += percent(rows.loc[baseline, "mean_relative_regret"])
    if (verdicts == "better").all():
        return f"By the comparison of all strategies that is better than {theirs}."
    return f"That is not told apart from {theirs}."


def _halves(found):
    """Say that what halves a pool fine-tunes all of it in part."""
    known = strategies([])
    if any(known[name].halves for name in found if name in known):
        yield "Successive halving trains every model of the pool for a part of the steps."


def lessons(tables, labels, level):
    """Say by pool what the comparison of all strategies shows.

    Returns
    -------
    dict of str to list of str
        Sentences by label of a pool.
    """
    of_pools = tables.comparison.groupby("pool", sort=False)
    return {labels[pool]: reading(rows, level) for pool, rows in of_pools if pool in labels}


def cautions(tables, labels, shown, costs):
    """Say what the run does not show.

    Parameters
    ----------
    tables : RunTables
    labels : dict of str to str
        What a reader calls each pool.
    shown : list of str
        Strategies.
    costs : bool
        Whether the run knows what a search costs.

    Returns
    -------
    list of str
        Sentences.
    """
    tasks = len(tables.tasks)
    floor = tables.noise["noise_floor"].mean()
    lines = [
        f"The tasks stand for others like them: {count(tasks, 'task')}, from which all intervals "
        "are drawn. Of tasks of another kind they say nothing.",
        f"The lowest of {len(shown)} strategies is in part the luckiest; its interval does not "
        "know that it was chosen.",
        f"Seeds alone cost a choice {percent(floor)} on average (the noise floor): differences "
        "below it say nothing."
        if floor == floor
        else "The scores hold one fine-tuning of each model on each task, so what seeds alone cost "
        "is not known.",
        "A budget counts models that are fine-tuned to the end. What a search takes besides is "
        + ("in the tables and the figure of cost." if costs else "not known of this run."),
    ]
    missing = gap_lines(tables.gaps, labels, tasks)
    lines += [f"Missing: {line}." for line in missing[:GAPS]] or ["Nothing is missing."]
    if len(missing) > GAPS:
        lines.append(f"{len(missing) - GAPS} more are missing: tables/gaps.csv has all.")
    return lines
