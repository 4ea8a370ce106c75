# Names and paths of a run that trains: all come from its cards.
#
# Needs:  the model cards and task cards that common.smk read
# Gives:  CARDS, what a job of a model needs, the stems of paths, constraints on the wildcards
from needle.machine import job_memory
from needle.models.inputs import stored_side
from needle.tasks.vtab1k.registry import reader_file

CARDS = {
    "zoo": ZOO | {"models": list(MODELS.values())},
    "source": RUN.source | {"tasks": list(TASKS.values())},
}
DOMAIN = f"resources/upstream/{ZOO['zoo']}/{{domain}}.safetensors"
CHECKPOINT = f"resources/checkpoints/{ZOO['zoo']}/{{model}}.safetensors"
FETCHED = f"resources/weights/{ZOO['zoo']}/{{model}}.bin"
POOL_WEIGHTS = f"{RESULTS}/weights.csv"
RAW = "resources/raw/{dataset}/.fetched"
# Height and width of all images in pixels; without it, each model has its own.
IMAGE_SIZE = config.get("image_size")
SIZE = f"-{IMAGE_SIZE}px" if IMAGE_SIZE else ""
TASK = f"resources/tasks/{{source}}/{{task}}{SIZE}.safetensors"
if RUN.kind == "images":
    TASK = f"{RESULTS}/data/task{SIZE}.safetensors"
FEATURES = config.get("embedding", {}).get("features", "last")
SMALL = IMAGE_SIZE is not None and IMAGE_SIZE <= 64


wildcard_constraints:
    model="|".join(map(re.escape, MODELS)),
    task="|".join(map(re.escape, TASKS)),
    proxy="|".join(map(re.escape, PROXIES)),


def task_file(wildcards):
    """The task file of a task, from the source that the config prefers."""
    return expand(TASK, source=RUN.sources[wildcards.task], task=wildcards.task)[0]


def last_asked(wildcards):
    """When weights were asked for, if some could not be had or are gone: they are asked for again.

    Snakemake makes an output anew when a parameter changes, and this one does with each attempt.
    """
    table = Path(POOL_WEIGHTS)
    if not table.exists():
        return ""
    had = [
        not reason and Path(FETCHED.format(model=model)).exists()
        for model, reason in unavailable(table).items()
    ]
    return "" if all(had) else str(table.stat().st_mtime_ns)


def card_of(wildcards):
    """The card of a job's model, but for what only protocols go by: it makes no weights anew."""
    card = MODELS[wildcards.model]
    return json.dumps({key: card[key] for key in card if key != "family"})


def gpus(wildcards):
    """GPUs of a job that runs a model; small images are sent to one longer than they compute."""
    return 0 if SMALL or not has_gpu() else 1


def embedding_mb(wildcards):
    """MB of a job that computes with a frozen model."""
    if SMALL:
        return 2000
    need = job_memory.embedding if on_processor() else job_memory.embedding_on_gpu
    return need(params_of(wildcards))


def reading_mb(wildcards):
    """MB of a job that embeds a task: more if it trains the pooling of the tokens."""
    return embedding_mb(wildcards) + (job_memory.POOLING if FEATURES == "attentive" else 0)


def features_flags():
    """What tells the program what to read of a model; a seed only where something is drawn."""
    seed = f" --seed {config['seed']}" if FEATURES == "attentive" else ""
    return f"--features {FEATURES}{seed}"


def tuning_mb(wildcards):
    """MB of a job that trains a model; whole batches on a processor are not measured."""
    if SMALL:
        return 2000
    if not on_processor():
        return job_memory.tuning_on_gpu(params_of(wildcards))
    protocol = tuning(wildcards.get("score", FINETUNE))
    return job_memory.tuning(params_of(wildcards), protocol) if "micro_batch" in protocol else 16000


def tuning_threads(wildcards):
    """Threads of a pick's job: picks are a machine's last jobs and have all its cores among them.

    In a given time, one job has them all.
    """
    if is_on_cluster():
        return 1
    wanted = len(MODELS) if config["budget"] == ALL else config["budget"]
    jobs = 1 if IN_TIME else min(wanted, len(MODELS))
    return max(workflow.cores // jobs, 1)


def params_of(wildcards):
    """Parameters of a job's model, of the largest if it is of none."""
    cards = [MODELS[wildcards.model]] if hasattr(wildcards, "model") else MODELS.values()
    return max(card.get("params", 0) for card in cards)


def converting_mb(wildcards):
    """MB of a job that reads weights, builds their model and writes it."""
    return job_memory.converting(params_of(wildcards))


def job_minutes(small, large):
    """Minutes of a job with small images, and with large ones."""
    return growing(small if SMALL else large)


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
        "imagefolder": find_path(card.get("imagefolder", "")),
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


def earlier(wildcards):
    """What a model has made of fewer pictures: the round before, or the last if all are embedded."""
    number = int(wildcards.get("number", len(rounds()) + 1)) - 1
    return expand(f"{ROUND}/embeddings/{DATA}/{wildcards.model}.safetensors", number=number or [])


def tuning_of(wildcards):
    """The protocol of fine-tuning of a job's model, for its program."""
    protocol = tuning(wildcards.get("score", FINETUNE))
    return json.dumps(protocol_of(protocol, MODELS[wildcards.model]))


def picks(wildcards):
    """The models that the search picked, the best first."""
    return [row["model"] for row in rows(ranking(wildcards)) if row["picked"] == "True"]


def headed(wildcards):
    """The models that are candidates as they are, with a head for the last layer's features."""
    if FEATURES != "last":
        return []
    return [
        row["model"]
        for row in rows(ranking(wildcards))
        if row["picked"] == "True" or row[f"{HEAD_PROXY}_rank"] == "1"
    ]


def tuned(path):
    """A file of each pick that is fine-tuned; in a given time, of those that it was enough for."""
    if IN_TIME:
        return TUNED
    return lambda wildcards: expand(path, task=DATA, model=picks(wildcards))
