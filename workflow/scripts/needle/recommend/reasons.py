"""Why a strategy picks a model, in a sentence."""

import math
import re

from needle.base.formats import SPACE, count, parameters, percent, plain
from needle.strategies import task_agnostic, task_aware
from needle.strategies.labels import ACCURACIES, HYBRID, strategy_label
from needle.strategies.registry import strategies


def why(model, pool, task, known, strategy):
    """Say why a strategy picks a model.

    Parameters
    ----------
    model : str
        A model that the strategy ranks.
    pool : DataFrame
        Metadata of the pool's models, index model, in declared order.
    task : str
    known : Known
        Its scores are proxies.
    strategy : str

    Returns
    -------
    str
        What put it where it is, what it is level with, and its rank under the other proxies.
    """
    search = strategies(known.scores)[strategy]
    hybrid = strategy.startswith(HYBRID)
    first = task_agnostic.rank(pool, task, known).models[0] if hybrid else None
    among = " among the others" if hybrid else ""
    used = None
    if strategy == task_agnostic.NAME or model == first:
        reason = _agnostic(model, pool, task, known)
    elif search.proxy and not search.learns:
        used = search.proxy
        reason = _aware(model, pool.drop(first) if hybrid else pool, task, known, used, among)
    else:
        place, peers = _place(search.rank(pool, task, known), model)
        label = strategy_label(strategy.removeprefix(HYBRID))
        reason = f"{best(place - hybrid)} by {label} search{among}{_level(peers)}"
    others = [proxy for proxy in known.scores if proxy != used]
    return (reason + _others(model, pool, task, known, others)).replace(SPACE, " ")


def _agnostic(model, pool, task, known):
    """The place of a model by what is known upstream."""
    ranking = task_agnostic.rank(pool, task, known)
    place, peers = _place(ranking, model)
    by_accuracy = pool["reference_accuracy"].notna().any()
    criterion = _by_accuracy if by_accuracy else _by_size
    clause = criterion(pool, pool.loc[model], place, len(ranking.models))
    return f"{best(place)} task-agnostic pick: {clause}{_level(peers)}"


def _by_accuracy(pool, row, place, ranked):
    known = f"{ranked} of {count(len(pool), 'model')} {'has' if ranked == 1 else 'have'} one"
    known = "all have one" if ranked == len(pool) else known
    return (
        f"the {best(place, 'highest')} reference accuracy of the pool "
        f"({percent(row['reference_accuracy'])}; {known})"
    )


def _by_size(pool, row, place, ranked):
    sizes = pool["upstream_examples"]
    larger = (sizes > row["upstream_examples"]).sum()
    equal = pool[sizes == row["upstream_examples"]]
    known = f"known for {'all' if ranked == len(pool) else f'{ranked} of {len(pool)}'}"
    clause = (
        f"the {best(larger + 1, 'largest')} upstream dataset of the pool "
        f"({count(row['upstream_examples'], 'example')}; {known})"
    )
    if len(equal) == 1 or math.isnan(row["params"]):
        return clause
    more = (equal["params"] > row["params"]).sum()
    return clause + (
        f", with the {best(more + 1, 'most')} parameters ({parameters(row['params'])}) of the "
        f"{len(equal)} models that share that size"
    )


def _aware(model, pool, task, known, proxy, among):
    """The place of a model by a proxy score."""
    place, peers = _place(task_aware.rank(pool, task, known, proxy), model)
    value = proxy_value(proxy, known.scores[proxy].loc[task, model])
    share = " of the validation examples" if "%" in value else ""
    return f"{best(place)} {_in_sentence(proxy)} score{among}: {value}{share}{_level(peers)}"


def _others(model, pool, task, known, proxies):
    """The rank of a model by other proxies that have a score of it."""
    ranks = []
    for proxy in proxies:
        ranking = task_aware.rank(pool, task, known, proxy)
        if model in ranking.models:
            place, peers = _place(ranking, model)
            ranks.append(f"{'joint ' if peers else ''}{ordinal(place)} by {_in_sentence(proxy)}")
    return f"; {', '.join(ranks)}" if ranks else ""


def _place(ranking, model):
    """The rank of a model, which ties share, and those that it is level with."""
    (group,) = [group for group in ranking.groups if model in group]
    place = ranking.tied_ranks[ranking.models.index(model)]
    return place, [other for other in group if other != model]


def _level(peers):
    """The tie of a model, if there is one; of many peers only some are named."""
    if not peers:
        return ""
    named = ", ".join(peers[:3]) + (f" and {len(peers) - 3} more" if len(peers) > 3 else "")
    return f", level with {named}, where the declared order decides"


def _in_sentence(proxy):
    """The label of a proxy within a sentence, where only names keep their capitals.

    Examples
    --------
    >>> [_in_sentence(name) for name in ("linear_scaled", "knn", "h_score", "logme")]
    ['scaled linear', 'kNN', 'H-score', 'LogME']
    """
    label = strategy_label(proxy)
    return label.lower() if re.fullmatch("[A-Z][a-z ]+", label) else label


def proxy_value(proxy, value):
    """Write the score of a proxy: in percent if it is an accuracy.

    Examples
    --------
    >>> proxy_value("linear", 0.5).replace(SPACE, " "), proxy_value("logme", -0.123456)
    ('50.0 %', '−0.1235')
    """
    return percent(value) if proxy in ACCURACIES else plain(value)


def with_error(row, proxy):
    """Write the score of a proxy in a row of ranking.csv, with its standard error if it has one.

    Examples
    --------
    >>> with_error({"knn": 0.5, "knn_standard_error": 0.02}, "knn").replace(SPACE, " ")
    '50.0 ± 2.0 %'
    >>> with_error({"logme": 1.5}, "logme")
    '1.5'
    """
    value, error = proxy_value(proxy, row[proxy]), row.get(f"{proxy}_standard_error")
    if error is None or math.isnan(error):
        return value
    spread = percent(error) if proxy in ACCURACIES else f"{error:.1g}"
    return f"{value.removesuffix(f'{SPACE}%')} ± {spread}".replace(" ", SPACE)


def best(place, superlative="best"):
    """Write a rank as a superlative.

    Examples
    --------
    >>> best(1), best(2), best(11), best(3, "largest")
    ('best', 'second-best', '11th-best', 'third-largest')
    """
    words = {1: "", 2: "second-", 3: "third-"}
    return words.get(place, f"{ordinal(place)}-") + superlative


def ordinal(place):
    """Write a rank as an ordinal number.

    Examples
    --------
    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th']
    """
    teen = 10 <= place % 100 < 20
    return f"{place}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"
