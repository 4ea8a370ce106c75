"""Numbers as people read them; what is missing is a dash."""

import math

from needle.base.measures import MEASURES

MISSING = "–"
SPACE = "\N{NO-BREAK SPACE}"  # between a number and its unit


def percent(fraction):
    """Write a fraction in percent.

    Examples
    --------
    >>> percent(0.7123).replace(SPACE, " "), percent(float("nan"))
    ('71.2 %', '–')
    """
    return MISSING if _missing(fraction) else f"{100 * fraction:.1f}{SPACE}%"


def interval(low, high, share=True):
    """Write the ends of an interval; of fractions in percent.

    Examples
    --------
    >>> interval(0.652, 0.766).replace(SPACE, " "), interval(1, 2, share=False).replace(SPACE, " ")
    ('65.2 to 76.6 %', '1.000 to 2.000')
    """
    if _missing(low) or _missing(high):
        return MISSING
    text = f"{100 * low:.1f} to {percent(high)}" if share else f"{low:.3f} to {high:.3f}"
    return text.replace(" ", SPACE)


def measured_value(name, value):
    """Write the value of a measure: in percent if it is a fraction.

    Examples
    --------
    >>> measured_value("auroc", 0.5).replace(SPACE, " "), measured_value("log_loss", 0.25)
    ('50.0 %', '0.250')
    """
    if _missing(value) or MEASURES[name].share:
        return percent(value)
    return f"{value:.3f}"


def plain(value):
    """Write a number with at most 4 significant digits.

    Examples
    --------
    >>> plain(0.0100), plain(2)
    ('0.01', '2')
    """
    return MISSING if _missing(value) else f"{value:.4g}".replace("-", "−")


def rough(value, unit=""):
    """Write a measured number with 3 significant digits.

    Examples
    --------
    >>> [rough(n) for n in (0.04321, 7.0, 31.2345, 12345.6)], rough(31.2, "ms").replace(SPACE, " ")
    (['0.0432', '7', '31.2', '12,300'], '31.2 ms')
    """
    if _missing(value):
        return MISSING
    return f"{float(f'{value:.3g}'):,g}" + (f"{SPACE}{unit}" if unit else "")


def count(number, thing=""):
    """Write how many there are of a thing.

    Examples
    --------
    >>> count(1, "model"), count(14197122).replace(SPACE, " ")
    ('1\\xa0model', '14,197,122')
    """
    if _missing(number):
        return MISSING
    return f"{number:,.0f}" + (f"{SPACE}{thing}{'' if number == 1 else 's'}" if thing else "")


def parameters(number):
    """Write a number of parameters in millions.

    Examples
    --------
    >>> [parameters(n).replace(SPACE, " ") for n in (322_000, 23_508_032, 303_301_632)]
    ['0.32 M', '23.5 M', '303 M']
    """
    if _missing(number):
        return MISSING
    millions = number / 1e6
    digits = 2 if millions < 9.995 else 1 if millions < 99.95 else 0
    return f"{millions:,.{digits}f}{SPACE}M"


def duration(seconds):
    """Write seconds with the two units that matter.

    Examples
    --------
    >>> [duration(s).replace(SPACE, " ") for s in (0.42, 59.6, 245, 4325, 180000)]
    ['0.4 s', '1 min', '4 min 5 s', '1 h 12 min', '50 h']
    """
    if _missing(seconds):
        return MISSING
    if seconds < 9.95:
        return f"{seconds:.1f}{SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return _two(minutes, "min", rest, "s")
    hours, minutes = divmod(round(seconds / 60), 60)
    return _two(hours, "h", minutes, "min")


def names(texts, most=None):
    """Write names one after the other.

    Parameters
    ----------
    texts : iterable of str
    most : int, optional
        Of more than one more than these, the first and how many others there are.

    Examples
    --------
    >>> names(["a"]), names(["a", "b", "c"]), names(["a", "b", "c", "d"], most=2)
    ('a', 'a, b and c', 'a, b and 2 more')
    """
    texts = list(texts)
    if most is not None and len(texts) > most + 1:
        texts[most:] = [f"{len(texts) - most} more"]
    return " and ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def _two(large, large_unit, small, small_unit):
    parts = [(large, large_unit), (small, small_unit)]
    return SPACE.join(f"{number:,}{SPACE}{unit}" for number, unit in parts if number)


def _missing(value):
    return value is None or math.isnan(value)
