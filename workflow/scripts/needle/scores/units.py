"""The units of finished scores: each column is checked as a whole, then brought to fractions."""

from needle.base.errors import NeedleError
from needle.scores.protocols import is_finetune

TOPS = {"fraction": 1, "percent": 100}  # of accuracies; a `score` may be any number


def units_of(path, scores, unit):
    """Give every score its unit.

    Parameters
    ----------
    path : path
        Of the scores, for errors.
    scores : collection of str
    unit : str or dict of str to str
        Of all scores, or of each: ``fraction``, ``percent`` or ``score``.

    Returns
    -------
    dict of str to str

    Raises
    ------
    NeedleError
        If not each score has one, or an accuracy has none of an accuracy.
    """
    units = dict.fromkeys(scores, unit) if isinstance(unit, str) else unit
    for score in [*scores, *units]:
        if score not in units or score not in scores:
            raise NeedleError(
                f"config: unit: lists {', '.join(units)}, but the scores of {path} are "
                f"{', '.join(scores)}; give one unit for all, or one for each"
            )
    for score in filter(is_finetune, units):
        if units[score] == "score":
            raise NeedleError(f"config: unit: {score} is an accuracy: fraction or percent")
    return units


def to_fractions(path, score, cells, unit):
    """Bring the values of one score to fractions, if it is an accuracy.

    Parameters
    ----------
    path : path
        For errors.
    score : str
    cells : list of tuple of str and float
        Of every value where it stands, for errors.
    unit : {"fraction", "percent", "score"}

    Returns
    -------
    list of float
        The values of a ``score`` as they are.

    Raises
    ------
    NeedleError
        For a value outside the unit, or percents some or all of which look like fractions: 0.81
        among 79.5 and 82.3 may be either, and is not guessed.
    """
    values = [value for _, value in cells]
    if unit == "score":
        return values
    top = TOPS[unit]
    for where, value in cells:
        if not 0 <= value <= top:
            other = [name for name in TOPS if name != unit and value >= 0]
            other += [] if is_finetune(score) else ["score if it is no accuracy"]
            advice = ["leave it empty if it stands for a missing run" if value < 0 else "mend it"]
            advice += [f"set unit in the config: {', or '.join(other)}"] if other else []
            raise NeedleError(
                f"{where} is {value:g}, which is no {unit} between 0 and {top}; "
                f"{', or '.join(advice)}"
            )
    if unit == "percent":
        _refuse_fractions(path, score, cells, max(values, default=0))
    return [value / top for value in values]


def _refuse_fractions(path, score, cells, highest):
    """Refuse percents below 1, which nobody can tell from fractions."""
    if 0 < highest <= 1:
        raise NeedleError(
            f"{path}: no {score} is above 1, but unit in the config says percent; set fraction"
        )
    for where, value in cells:
        if 0 < value < 1:
            raise NeedleError(
                f"{where} is {value:g}, but unit in the config says percent, and others are up to "
                f"{highest:g}; write {100 * value:g} if it is a fraction, or if it is below 1 "
                "percent, give them all as fractions"
            )
