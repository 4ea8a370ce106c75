# Names and paths of a run that trains: all come from its cards.
#
# Needs:  the model cards and task cards that common.smk read
# Gives:  CARDS, PAIRS, MEMORY, the stems of paths, constraints on the wildcards
import csv

from needle.vtab.registry import reader_file

CARDS = {
    "zoo": ZOO | {"models": list(MODELS.values())},
    "source": RUN.source | {"tasks": list(TASKS.values())},
}
DOMAIN = f"resources/upstream/{ZOO['zoo']}/{{domain}}.safetensors"
CHECKPOINT = f"resources/checkpoints/{ZOO['zoo']}/{{model}}.safetensors"
RAW = "resources/raw/{dataset}/.fetched"
TASK = f"resources/tasks/{{source}}/{{task}}-{config['image_size']}px.safetensors"
if RUN.kind == "images":
    TASK = f"{RESULTS}/data/task-{config['image_size']}px.safetensors"
# MB and GPUs of a job that runs a model. Small images take longer to send to a GPU than to compute.
MEMORY, GPUS = (2000, 0) if config["image_size"] <= 64 else (16000, 1)
# A model that saw a task's data is left out for that task.
SEEN = [
    (model, task)
    for model, card in MODELS.items()
    for task in TASKS
    if task in card.get("contaminated_tasks", [])
]
PAIRS = [(model, task) for task in TASKS for model in MODELS if (model, task) not in SEEN]


wildcard_constraints:
    model="|".join(map(re.escape, MODELS)),
    task="|".join(map(re.escape, TASKS)),
    proxy="|".join(map(re.escape, PROXIES)),


def task_file(wildcards):
    """The task file of a task, from the source that the config prefers."""
    return expand(TASK, source=RUN.sources[wildcards.task], task=wildcards.task)[0]


def of_pairs(path, **others):
    """A path of each (model, task) of the run."""
    models, tasks = zip(*PAIRS)
    return expand(expand(path, zip, model=models, task=tasks, allow_missing=True), **others)


def learned_domains(wildcards):
    """The rendered domains that a model learns from."""
    return expand(DOMAIN, domain=MODELS[wildcards.model]["pretrain"]["domains"])


def is_reference(wildcards):
    """Whether a model learns all domains, so that its accuracy is the reference accuracy."""
    return set(MODELS[wildcards.model]["pretrain"]["domains"]) == set(ZOO["upstream"]["domains"])


def original_files(wildcards):
    """The original files of a task, if they are its source."""
    if wildcards.source != "raw":
        return []
    return expand(RAW, dataset=TASKS[wildcards.task]["raw"])


def source_root(wildcards):
    """Where the images of a task are."""
    card = TASKS[wildcards.task]
    return {
        "raw": "resources/raw",
        "vtab1k_folder": config.get("vtab1k_folder"),
        "imagefolder": card.get("imagefolder"),
    }[wildcards.source]


def reader_code(wildcards):
    """The reader of a task's original files, which the program imports by name."""
    if wildcards.source != "raw":
        return []
    return code("decode_task.py", reader_file(wildcards.task))


def own_state(wildcards):
    """What tells whether the user's own images have changed; nothing of other sources."""
    is_own = wildcards.source == "imagefolder"
    return state_of_files(source_root(wildcards)) if is_own else ""


def picks(wildcards):
    """The models that the search picked, the best first; known once it is done."""
    with open(checkpoints.search.get().output.ranking, newline="") as file:
        return [row["model"] for row in csv.DictReader(file) if row["picked"] == "True"]
