"""What a strategy may know from a store: results of a pool's models on other tasks."""

from needle.scores.known import known_of
from needle.scores.protocols import FINETUNE, OWN
from needle.scores.score_table import point_values
from needle.store.cards import model_table
from needle.store.identity import NAME, WEIGHTS, hashes, same_as


def recall(entries, weights, contents, hidden=(), probes=()):
    """Find what is known of a pool.

    Parameters
    ----------
    entries : list of Entry
    weights : dict of str to str or None
        By model of the pool, the hash of its weights, if it is known.
    contents : dict of str to str or None
        By task of the run, the hash of its images and labels, if it is known. An entry's task with
        the same content, or else the same name, gets the run's name: `Known.before` then hides it.
    hidden : collection of str, optional
        Names of tasks that may be the one to rank for; they are left out.
    probes : collection of str, optional
        Hashes of the probe networks whose Task2Vec embeddings count.

    Returns
    -------
    earlier : list of Known
        One for each entry that has fine-tune results of a model of the pool, which has the pool's
        name there. They are those of the entry's own protocol.
    found_by : dict of str to str
        Of every model that has results: `WEIGHTS` if an entry has the same weights, else `NAME`.
    """
    earlier, found_by = [], {}
    for entry in entries:
        models = _names(weights, hashes(entry.models))
        tasks = _names(contents, hashes(entry.tasks))
        rows = entry.rows
        tasks = {name: ours for name, (ours, _) in tasks.items() if not {name, ours} & set(hidden)}
        kept = rows["model"].isin(list(models)) & rows["task"].isin(list(tasks))
        rows = rows[kept & (rows["protocol"] == OWN)]
        tuned = rows.loc[rows["score"] == FINETUNE, "model"].unique()
        ours = [name for name in tuned if models[name][1]]
        if not ours:
            continue
        rows = rows.assign(
            model=rows["model"].map(lambda name, found=models: found[name][0]),
            task=rows["task"].map(tasks),
        )
        embeddings = {
            tasks[task]: vector
            for task, (probe, vector) in entry.task_embeddings.items()
            if probe in probes and task in tasks
        }
        cards = {models[name][0]: entry.models[name] for name in models}
        earlier.append(known_of(point_values(rows), model_table(cards), embeddings))
        for name in ours:
            model, by = models[name]
            found_by[model] = WEIGHTS if WEIGHTS in (by, found_by.get(model)) else NAME
    return earlier, found_by


def known_tasks(earlier, models):
    """Count the tasks on which results of each model are known.

    Parameters
    ----------
    earlier : iterable of Known
    models : iterable of str

    Returns
    -------
    dict of str to int
    """
    counts = dict.fromkeys(models, 0)
    for run in earlier:
        results = run.scores[FINETUNE]
        for model in results.columns.intersection(list(counts)):
            counts[model] += int(results[model].notna().sum())
    return counts


def _names(ours, theirs):
    """What each model or task of an entry is called in the run, and how it was found, if it was.

    One that has a name or a content of the run and is not the one that was found is left out.
    """
    found = same_as(ours, theirs)
    digests = set(ours.values()) - {None}
    others = {
        name: (name, "")
        for name, digest in theirs.items()
        if name not in found and name not in ours and digest not in digests
    }
    return found | others
