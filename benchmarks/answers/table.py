"""The table of the answers, and how sure the differences are."""

import numpy as np
import pandas as pd

from needle.regret.uncertainty import interval

RESAMPLES = 2000
LEVEL = 0.95


def print_tables(rows, output):
    """Print a table for each set, of the seeds that all contestants have finished."""
    for name, part in rows.groupby("set", sort=False):
        count = part["contestant"].nunique()
        seeds = [seed for seed, of_seed in part.groupby("seed") if len(of_seed) == count]
        part = part[part["seed"].isin(seeds)]
        if not seeds:
            continue
        right = {
            contestant: pd.concat(
                {seed: _right(output / f"{name}-{seed}/{contestant}.csv") for seed in seeds}
            ).unstack(level=0)
            for contestant in part["contestant"].unique()
        }
        print(f"{name}: {len(right)} contestants, seeds {', '.join(map(str, seeds))}\n")
        print("| answer | model | test, each seed | mean | spread | needle less it, 95 % | val "
              "| epochs | seconds |\n" + "|" + "---|" * 9)  # fmt: skip
        for contestant, own in part.groupby("contestant", sort=False):
            print(_row(contestant, own.sort_values("seed"), right))
        print()


def _row(contestant, own, right):
    """Write the row of a contestant, accuracies in percent."""
    test = 100 * own["test_accuracy"]
    cells = [contestant, ", ".join(own["model"].unique())]
    cells += [", ".join(f"{value:.1f}" for value in test), f"{test.mean():.1f}"]
    cells += [f"{test.std():.1f}" if len(test) > 1 else ""]
    cells += [_difference(right, contestant)]
    cells += [f"{100 * own['val_accuracy'].mean():.1f}"]
    epochs = own.get("epochs", pd.Series(dtype=float)).dropna()
    cells += [", ".join(f"{value:.0f}" for value in epochs), f"{own['seconds'].mean():.0f}"]
    return "| " + " | ".join(cells) + " |"


def _difference(right, contestant):
    if contestant == "needle" or "needle" not in right:
        return ""
    difference = 100 * (right["needle"] - right[contestant])
    low, high = pigeonhole_interval(difference.to_numpy(), RESAMPLES, LEVEL, seed=0)
    return f"{_mean(difference.to_numpy()):+.1f} [{low:+.1f}, {high:+.1f}]"


def _right(path):
    """Whether each test picture, by its path, was told right."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("path")
    return (table["label"] == table["predicted"]).astype(float)


def _mean(values):
    """Mean over seeds of the means over pictures."""
    return np.nanmean(values, axis=0).mean()


def pigeonhole_interval(values, resamples, level, seed):
    """Compute a percentile interval for the mean over seeds of the means over pictures.

    Pictures and seeds are both resampled, since seeds share test pictures (the pigeonhole
    bootstrap: Owen, Annals of Applied Statistics 1, 2007).

    Parameters
    ----------
    values : numpy.ndarray, shape (pictures, seeds)
        NaN where a picture is not in the test set of a seed.
    resamples : int
    level : float
    seed : int

    Returns
    -------
    tuple of float
    """
    generator = np.random.default_rng(seed)
    pictures, seeds = values.shape
    there = ~np.isnan(values)
    filled = np.where(there, values, 0.0)
    counts = generator.multinomial(pictures, np.full(pictures, 1 / pictures), resamples)
    means = (counts @ filled) / np.maximum(counts @ there, 1)
    weights = generator.multinomial(seeds, np.full(seeds, 1 / seeds), resamples) / seeds
    return interval((means * weights).sum(axis=1), level)
