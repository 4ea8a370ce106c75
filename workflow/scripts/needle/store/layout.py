"""Where things lie in the folder of an entry.

run.yaml                                  where the numbers are from
models/{model}.yaml, tasks/{task}.yaml, protocols/{protocol}.yaml
results/{task}/{model}/{protocol}.csv     a line for each value of a model on a task
tasks/{task}.task2vec.csv                 Task2Vec embedding, below the hash of its probe
"""

RUN = "run.yaml"
MODELS, TASKS, PROTOCOLS, RESULTS = "models", "tasks", "protocols", "results"
TASK2VEC = ".task2vec.csv"
VALUE_COLUMNS = ["score", "repeat", "value", "seconds", "device"]  # of a file of results
ROW_COLUMNS = ["model", "task", "protocol", *VALUE_COLUMNS]
ROW = ["model", "task", "protocol", "score", "repeat"]  # what a value is of


def to_path(name):
    """Write a name as part of a path.

    Examples
    --------
    >>> to_path("google/vit-base"), to_path("Sup-100%")
    ('google%2Fvit-base', 'Sup-100%25')
    """
    return name.replace("%", "%25").replace("/", "%2F")


def from_path(part):
    """Read the name that a part of a path says.

    Examples
    --------
    >>> from_path("google%2Fvit-base"), from_path("Sup-100%25")
    ('google/vit-base', 'Sup-100%')
    """
    return part.replace("%2F", "/").replace("%25", "%")


def results_path(model, task, protocol):
    """The file of a model's results on a task, below the folder of an entry."""
    return f"{RESULTS}/{to_path(task)}/{to_path(model)}/{to_path(protocol)}.csv"
