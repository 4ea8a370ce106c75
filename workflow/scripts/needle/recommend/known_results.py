"""How much is known of a pool from other tasks, as columns and as a sentence."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from needle.base.formats import SPACE, count
from needle.store.identity import NAME, WEIGHTS
from needle.strategies.labels import strategy_label


@dataclass(frozen=True)
class Choice:
    """What chose the models to fine-tune, as recommendation/choice.json has it.

    Attributes
    ----------
    strategy : str
    reason : str
        Why it was taken; "" if the config asked for it.
    known : str
        How much is known of the pool from other tasks; "" if no store was asked.
    rounds : str
        With how many pictures how many models were embedded; "" if all were with all.
    """

    strategy: str
    reason: str = ""
    known: str = ""
    rounds: str = ""

    @property
    def words(self):
        """The reason, what is known and how the search went, in sentences."""
        label = strategy_label(self.strategy)
        why = f"{label} search was taken since {self.reason}." if self.reason else ""
        return " ".join(filter(None, [why, self.known, self.rounds]))

    def text(self):
        """Write it as JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def read_choice(path):
    """Read the choice that the search has written."""
    return Choice(**json.loads(Path(path).read_text(encoding="utf-8")))


def with_known(ranking, known_tasks, found_by):
    """Add how much is known of each model from other tasks.

    Parameters
    ----------
    ranking : DataFrame
        Columns of recommendation/ranking.csv.
    known_tasks : dict of str to int
        By model, the number of tasks with results.
    found_by : dict of str to str
        By model that has some, how it was found in a store: ``weights`` or ``name``.

    Returns
    -------
    DataFrame
        With the columns known_tasks and known_by.
    """
    counts = ranking["model"].map(lambda model: known_tasks.get(model, 0))
    return ranking.assign(
        known_tasks=counts, known_by=[found_by.get(model, "") for model in ranking["model"]]
    )


def known_words(known_tasks, found_by, entries):
    """Say how much is known of a pool from other tasks.

    Parameters
    ----------
    known_tasks : dict of str to int
        By model of the pool.
    found_by : dict of str to str
        As in `with_known`.
    entries : int
        Of the stores, those that know any of them.

    Returns
    -------
    str

    Examples
    --------
    >>> known_words({"a": 3, "c": 0}, {"a": "weights"}, 1)
    'Results on up to 3 other tasks are known of 1 of 2 models (1 run): of 1 with the same weights.'
    >>> known_words({"a": 0}, {}, 0)
    'No results of these models on other tasks are known.'
    """
    known = [model for model, tasks in known_tasks.items() if tasks]
    if not known:
        return "No results of these models on other tasks are known."
    by = {how: sum(found_by[model] == how for model in known) for how in (WEIGHTS, NAME)}
    parts = [f"of {by[WEIGHTS]} with the same weights"] * bool(by[WEIGHTS])
    parts += [f"of {by[NAME]} by name alone"] * bool(by[NAME])
    text = (
        f"Results on up to {count(max(known_tasks.values()), 'other task')} are known of "
        f"{len(known)} of {count(len(known_tasks), 'model')} ({count(entries, 'run')}): "
        f"{', '.join(parts)}."
    )
    return text.replace(SPACE, " ")
