"""What a choice is worth: the best option beside one that is drawn at random."""

import numpy as np


def gain(chosen_by, judged_by, axis):
    """Compute how far the best option is above the mean of all.

    Parameters
    ----------
    chosen_by, judged_by : numpy.ndarray
        Accuracies of the same options; NaN, in the same places, for what is no option.
    axis : int
        Along which the options lie.

    Returns
    -------
    numpy.ndarray
        Without the axis; what is chosen by the one is judged by the other. NaN without options.

    Examples
    --------
    >>> measured = np.array([[0.5, 0.7, np.nan], [0.25, 0.25, 0.25]])
    >>> gain(measured, measured, axis=1).round(3).tolist()
    [0.1, 0.0]
    """
    known = ~np.isnan(judged_by)
    place = np.where(known, chosen_by, -np.inf).argmax(axis, keepdims=True)
    best = np.take_along_axis(judged_by, place, axis).squeeze(axis)
    with np.errstate(invalid="ignore"):
        return best - np.where(known, judged_by, 0).sum(axis) / known.sum(axis)


def gains(chosen_by, judged_by):
    """Compute what choosing the model is worth, the protocol, and both.

    Parameters
    ----------
    chosen_by, judged_by : numpy.ndarray, shape (tasks, models, protocols)
        Fine-tune accuracies. A model that lacks one under a protocol is no option on that task.

    Returns
    -------
    model : numpy.ndarray, shape (tasks, protocols)
        Gain of the best model, the protocol fixed.
    protocol : numpy.ndarray, shape (tasks,)
        Gain of the best protocol, the model fixed; mean over models.
    both : numpy.ndarray, shape (tasks,)
        Gain of the best pair.
    """
    whole = ~np.isnan(chosen_by + judged_by).any(axis=2, keepdims=True)
    chosen_by, judged_by = (np.where(whole, each, np.nan) for each in (chosen_by, judged_by))
    model = gain(chosen_by, judged_by, axis=1)
    by_model = gain(chosen_by, judged_by, axis=2)
    known = ~np.isnan(by_model)
    with np.errstate(invalid="ignore"):
        protocol = np.where(known, by_model, 0).sum(axis=1) / known.sum(axis=1)
    tasks = len(chosen_by)
    pairs = (each.reshape(tasks, -1) for each in (chosen_by, judged_by))
    return model, protocol, gain(*pairs, axis=1)


def held_out_gains(repeats):
    """Compute the same without the luck of the seeds: each repeat judges what the others choose.

    The best of several measurements is one that was lucky, and the more so the more there are. So
    the gain of one repeat is that of the option with the best median of all other repeats, and the
    result is the mean over repeats.

    Parameters
    ----------
    repeats : numpy.ndarray, shape (tasks, models, protocols, repeats)

    Returns
    -------
    tuple of numpy.ndarray
        As `gains` gives them; NaN where there are no two repeats.
    """
    tasks, _, protocols, count = repeats.shape
    if count < 2:
        return np.full((tasks, protocols), np.nan), np.full(tasks, np.nan), np.full(tasks, np.nan)
    each = [
        gains(np.median(np.delete(repeats, repeat, axis=3), axis=3), repeats[..., repeat])
        for repeat in range(count)
    ]
    return tuple(np.mean(found, axis=0) for found in zip(*each, strict=True))
