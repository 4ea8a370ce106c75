"""What pictures a model takes, as its card says; without torch."""

from needle.base.errors import NeedleError

INPUT = ("input_size", "interpolation", "crop_pct", "crop_mode")  # of a card, as in timm


def check_inputs(card):
    """Check that a card says how its model takes pictures of any size.

    Raises
    ------
    NeedleError
        With what it lacks.
    """
    missing = [name for name in INPUT if name not in card]
    if missing:
        raise NeedleError(
            f"model {card['name']}: its card has no {', '.join(missing)}, by which it takes "
            "pictures of any size; add them, or set image_size in the config for all models"
        )


def resized_side(size, crop_pct):
    """Compute to what a side is resized so that a square of `size` is cut out, as timm does.

    Examples
    --------
    >>> resized_side(224, 0.875), resized_side(260, 1.0)
    (256, 260)
    """
    return int(size / crop_pct)


def stored_side(cards):
    """Compute the side in pixels at which pictures lose nothing that one of the models sees.

    Parameters
    ----------
    cards : iterable of dict

    Returns
    -------
    int
        Of the shorter side.

    Raises
    ------
    NeedleError
        If a card does not say how its model takes pictures.
    """
    sides = []
    for card in cards:
        check_inputs(card)
        sides.append(resized_side(card["input_size"], card["crop_pct"]))
    return max(sides)
