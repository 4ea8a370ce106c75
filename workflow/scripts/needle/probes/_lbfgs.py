"""Minimising a smooth convex function; scipy's own takes longer to import than most proxies do."""

import numpy as np

MEMORY = 10
SUFFICIENT = 1e-4  # share of the descent that the slope promises


def minimise(function, start, tolerance, most_steps):
    """Minimise by limited-memory BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5).

    Of a convex function the gradient never falls behind along a step, so that halving steps until
    they descend enough is line search enough.

    Parameters
    ----------
    function : callable
        ``function(x) -> value, gradient``. Its curvature should be at most about 1.
    start : numpy.ndarray, shape (n,)
    tolerance : float
        Largest entry of the gradient at the end.
    most_steps : int

    Returns
    -------
    numpy.ndarray, shape (n,)

    Examples
    --------
    >>> minimise(lambda x: (x @ x / 2 - x.sum(), x - 1), np.zeros(2), 1e-9, 10).tolist()
    [1.0, 1.0]
    """
    x, (value, gradient) = start, function(start)
    pairs = []  # of the last steps: step, change of the gradient, 1 / their product
    for _ in range(most_steps):
        if np.abs(gradient).max() <= tolerance:
            break
        direction = -_times_inverse(gradient, pairs)
        slope, length = gradient @ direction, 1.0
        room = 4 * np.finfo(float).eps * abs(value)  # near the minimum, values differ by rounding
        while True:
            step = length * direction
            new_value, new_gradient = function(x + step)
            if new_value <= value + SUFFICIENT * length * slope + room:
                break
            length /= 2
            if length < np.finfo(float).eps:
                return x  # rounding leaves no room to descend
        change = new_gradient - gradient
        if (product := change @ step) > 0:
            pairs = [*pairs[1 - MEMORY :], (step, change, 1 / product)]
        x, value, gradient = x + step, new_value, new_gradient
    return x


def _times_inverse(gradient, pairs):
    """Multiply by the inverse Hessian that the pairs suggest: the two-loop recursion."""
    result, shares = gradient.copy(), []
    for step, change, scale in reversed(pairs):
        shares.append(scale * (step @ result))
        result -= shares[-1] * change
    if pairs:
        _, change, scale = pairs[-1]
        result /= scale * (change @ change)
    for (step, change, scale), share in zip(pairs, reversed(shares), strict=True):
        result += (share - scale * (change @ result)) * step
    return result
