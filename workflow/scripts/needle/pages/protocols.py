"""The comparison of protocols of fine-tuning for reading: tables, and what they say in words."""

import html

import pandas as pd

from needle.pages.comparison import wrapped_list
from needle.pages.headline import interval_cell
from needle.pages.page import formatted, items_part, page, table_part, text_table
from needle.regret.comparison import by_chance
from needle.scores.protocols import OWN
from needle.strategies.labels import strategy_label

VALUE = ["value", "low", "high"]
DIFFERENCE = ["difference", "difference_low", "difference_high"]
CHOICES = {
    "gain_of_model": "the model",
    "gain_of_protocol": "the protocol",
    "gain_of_both": "both",
    "model_minus_protocol": "model minus protocol",
}
OF_STRATEGIES = {
    "relative_regret": "relative regret, lower is better",
    "achieved": "accuracy of the best pick",
}
HELD_OUT = "_held_out"


def protocols_text(table, labels, strategies, level):
    """Lay out the comparison as plain text.

    Parameters
    ----------
    table : DataFrame
        Columns of tables/protocols.csv.
    labels : dict of str to str
        What a reader calls each pool.
    strategies : list of str
        Those to show.
    level : float
        Of the intervals.

    Returns
    -------
    str
    """
    parts = [_title(level) + ":"]
    for pool, mine in table.groupby("pool", sort=False):
        parts += [f"{labels[pool]}\n{'=' * len(labels[pool])}", *wrapped_list(reading(mine, level))]
        for title, cells in _tables(mine, strategies):
            parts.append(f"{title}\n{text_table(cells)}")
    return "\n\n".join(parts) + "\n"


def protocols_page(table, labels, strategies, level):
    """Lay out the comparison as a page; parameters as in `protocols_text`."""
    parts = []
    for pool, mine in table.groupby("pool", sort=False):
        parts += [f"<h3>{html.escape(labels[pool])}</h3>", items_part(reading(mine, level))]
        for title, cells in _tables(mine, strategies):
            parts += [f"<h4>{html.escape(title)}</h4>", table_part(cells, index=False)]
    return page(_title(level), *parts)


def _title(level):
    return (
        f"Protocols of fine-tuning: all values in percent ({level:.0%} interval over tasks in "
        f"brackets); {OWN} is the run's own protocol"
    )


def _tables(rows, strategies):
    """Yield the tables of one pool, each with its title; all cells are texts."""
    yield "What the protocols reach", reach_cells(rows)
    yield "What a choice is worth, above one drawn at random", choice_cells(rows)
    shown = rows[rows["strategy"].isin(strategies)]
    for budget, mine in shown.groupby("budget"):
        for measure, label in OF_STRATEGIES.items():
            cells = strategy_cells(mine[mine["measure"] == measure], strategies)
            yield f"B = {budget}: {label}", cells


def reach_cells(rows):
    """Arrange what each protocol reaches, what it takes and how far it orders the models alike."""
    by_measure = {
        measure: mine.set_index("protocol") for measure, mine in rows.groupby("measure", sort=False)
    }
    protocols = by_measure["accuracy"].index
    cells = pd.DataFrame({"protocol": protocols}, index=protocols)
    for measure, label in (("accuracy", "mean of models"), ("best", "best model")):
        cells[label] = _cells(by_measure[measure], VALUE)
        cells[f"{label}, minus {OWN}"] = _cells(by_measure[measure], DIFFERENCE)
    if "seconds" in by_measure:
        cells["seconds a model"] = formatted(by_measure["seconds"]["value"], "{:,.1f}")
    if "kendall" in by_measure:
        cells[f"tau with {OWN}"] = formatted(by_measure["kendall"]["value"], "{:.2f}")
        cells[f"regret of {OWN}'s best"] = _cells(by_measure["regret_of_own_best"], VALUE)
    return cells.fillna("")


def choice_cells(rows):
    """Arrange what choosing the model is worth, and choosing the protocol."""
    cells = {}
    for measure, label in CHOICES.items():
        for suffix, column in (("", "as measured"), (HELD_OUT, "seeds held out")):
            for _, row in rows[rows["measure"] == measure + suffix].iterrows():
                under = f", under {row['protocol']}" if row["protocol"] else ""
                cells.setdefault(label + under, {})[column] = interval_cell(*row[VALUE])
    table = pd.DataFrame.from_dict(cells, orient="index").fillna("")
    return table.loc[:, (table != "").any()].rename_axis("choice").reset_index()


def strategy_cells(rows, strategies):
    """Arrange one measure of the strategies at one budget, protocols side by side."""
    columns = {}
    for protocol, mine in rows.groupby("protocol", sort=False):
        mine = mine.set_index("strategy")
        columns[protocol] = _cells(mine, VALUE) + _short(mine)
        if protocol != OWN:
            columns[f"{protocol} minus {OWN}"] = _cells(mine, DIFFERENCE)
    table = pd.DataFrame(columns)
    ranked = [name for name in strategies if name in table.index]
    return table.reindex(ranked).fillna("").rename_axis("strategy").reset_index()


def _short(rows):
    """Say on how many tasks a strategy ranks enough models, where that is not all."""
    counts = rows[["ranked", "tasks"]].to_numpy()
    return [f" ({ranked} of {tasks})" if ranked < tasks else "" for ranked, tasks in counts]


def _cells(rows, columns):
    return pd.Series([interval_cell(*row) for row in rows[columns].to_numpy(float)], rows.index)


def reading(rows, level):
    """Say in plain words what the comparison within a pool shows and what it does not.

    Parameters
    ----------
    rows : DataFrame
        Columns of tables/protocols.csv, of one pool.
    level : float

    Returns
    -------
    list of str
        Sentences.
    """
    lines = []
    accuracy = rows[rows["measure"] == "accuracy"]
    enough = by_chance(accuracy["tasks"].max()) <= 1 - level
    for _, row in accuracy[accuracy["protocol"] != OWN].iterrows():
        lines.append(
            f"With the model fixed, the accuracy under {row['protocol']} minus that under {OWN} is "
            f"{interval_cell(*row[DIFFERENCE])} points{_verdict(*row[DIFFERENCE[1:]], enough)}."
        )
        lines += _of_strategies(rows, row["protocol"], enough, level)
    lines += _of_choices(rows, enough)
    missing = rows[(rows["measure"] == "missing") & (rows["value"] > 0)]
    for _, row in missing.iterrows():
        lines.append(
            f"{row['value'] * row['tasks']:.0f} accuracies are missing under {row['protocol']}: "
            "these models and tasks do not count in means and gains."
        )
    return lines


def _of_strategies(rows, protocol, enough, level):
    """Say which regrets another protocol changes."""
    mine = rows[(rows["measure"] == "relative_regret") & (rows["protocol"] == protocol)]
    mine = mine.dropna(subset="difference_low")
    if mine.empty or not enough:
        return []
    changed = mine[(mine["difference_low"] > 0) | (mine["difference_high"] < 0)]
    names = [
        f"{strategy_label(row['strategy'])} at B = {row['budget']}"
        for _, row in changed.head(3).iterrows()
    ]
    named = f" ({', '.join(names)}{', ...' if len(changed) > 3 else ''})" if names else ""
    return [
        f"Of {len(mine)} regrets, {len(changed)} are others under {protocol} than under {OWN} by a "
        f"{level:.0%} interval that excludes 0{named}; if nothing differed, chance would give "
        f"about {(1 - level) * len(mine):.1f}."
    ]


def _of_choices(rows, enough):
    """Say whether the model or the protocol is the choice that matters more."""
    overall = rows[rows["protocol"] == ""].set_index("measure")
    held_out = overall["value"].notna().get(f"gain_of_model{HELD_OUT}", False)
    suffix = HELD_OUT if held_out else ""
    model, protocol, difference = (
        overall.loc[measure + suffix]
        for measure in ("gain_of_model", "gain_of_protocol", "model_minus_protocol")
    )
    how = "seeds held out" if held_out else "with the luck of the seeds"
    return [
        f"The best model is worth {interval_cell(*model[VALUE])} points above one drawn at random, "
        f"the protocol fixed; the best protocol {interval_cell(*protocol[VALUE])}, the model fixed "
        f"({how}): {interval_cell(*difference[VALUE])} apart"
        f"{_verdict(*difference[VALUE[1:]], enough)}."
    ]


def _verdict(low, high, enough):
    if enough and (low > 0 or high < 0):
        return ", which is clear"
    return ", which is not clear" if enough else ", of too few tasks to be called clear"
