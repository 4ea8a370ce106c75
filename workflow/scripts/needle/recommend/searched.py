"""What the search has measured of each model: proxies, their errors, seconds and speed."""

import pandas as pd

from needle.base.tensors import read_card
from needle.proxies.folds import is_folded, mean_and_error
from needle.scores.columns import DATA, SPEED_COLUMNS
from needle.scores.run_files import read_pair
from needle.scores.score_table import point_values, proxy_repeats, score_rows


def read_search(results, models, counts, settings, folds):
    """Read the values of the proxies, their standard errors over folds, and each model's seconds.

    Parameters
    ----------
    results : Path
    models : iterable of str
    counts : dict of str to int
        Runs by proxy.
    settings : dict of str to dict
        What the config says of each proxy.
    folds : list of numpy.ndarray
        As `read_folds` gives them.

    Returns
    -------
    points : DataFrame
        As `rank_pool` takes them.
    seconds : dict of str to float
    errors : DataFrame
        Index model, one column per proxy that is a mean over folds.
    """
    scores, seconds, errors = [], {}, {}
    over_folds = [proxy for proxy in counts if is_folded(proxy, settings[proxy], folds)]
    rates = {proxy: len(settings[proxy].get("learning_rates", [None])) for proxy in over_folds}
    counts = counts | {proxy: rates[proxy] * len(folds) for proxy in over_folds}
    for model in models:
        embeddings = results / "embeddings" / DATA / f"{model}.safetensors"
        seconds[model] = read_card(embeddings)["seconds"]
        for proxy, runs in read_pair(results, model, DATA, counts):
            repeats = proxy_repeats(runs)
            if proxy in over_folds:
                mean, errors[model, proxy] = mean_and_error(repeats, folds)
                repeats = pd.Series([mean])
            scores.append(score_rows(model, DATA, proxy, repeats))
            seconds[model] += runs["seconds"].sum(skipna=False)
    errors = pd.DataFrame(
        {proxy: [errors[model, proxy] for model in models] for proxy in over_folds}, list(models)
    )
    return point_values(pd.concat(scores, ignore_index=True)), seconds, errors


def read_speeds(results, models):
    """Read how fast each model is; nothing is known of a user's own embeddings.

    Returns
    -------
    DataFrame
        Index model, columns `SPEED_COLUMNS`.
    """
    folder = results / "embeddings" / DATA
    speeds = [read_card(folder / f"{model}.safetensors").get("speed", {}) for model in models]
    return pd.DataFrame(speeds, models, SPEED_COLUMNS)
