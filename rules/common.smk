# What the rules share: the checked config and the run's names.
#
# Needs:  the run's config, NEEDLE
# Gives:  RUN and its parts, its models and pairs, the paths' stems, code(), a lock on the folder
import gc
import json
import os
import re
import sys
import time
from functools import cache
from pathlib import Path

import snakemake.benchmark
from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from needle.base.code import code_files, code_stamp
from needle.base.errors import NeedleError
from needle.base.folders import check_whole, check_writable, lock_folder
from needle.base.schema import check_keys, read_yaml
from needle.finetuning.protocols import count_runs, protocol_of
from needle.machine.allocator import KEEP_MEMORY
from needle.machine.gpus import processor_wanted, usable_devices, visible_names
from needle.machine.orphans import cancel_orphans
from needle.machine.warm.start import can_fork, fork_jobs
from needle.run.config import ALL, with_defaults
from needle.run.duration import seconds_of
from needle.run.named_files import find_files, find_own, find_path, find_weights
from needle.run.origin import Origin, check_origin, write_origin
from needle.run.progress import JobProgress, TimeLeft
from needle.run.rounds import LARGE
from needle.run.rules import menu, programs_with_torch, rows, unavailable
from needle.run.run import DEMO, read_run
from needle.run.samples import space_out
from needle.run.scheduling import unlimit
from needle.run.stores import UNPACKED, check_stores, locate_stores, store_state
from needle.scores.columns import DATA, TASK_EMBEDDINGS
from needle.scores.protocols import FINETUNE, OWN, is_finetune, score_of
from needle.strategies.registry import RANDOM, strategies
from needle.tasks.own.listing import fingerprint

# Snakemake's jobs are millions of objects that live as long as it does: no garbage is looked for
# while they are planned (a twentieth of the time, and there is none), later only among new ones.
gc.disable()

space_out(snakemake.benchmark)

# The jobs' `python` is the one that runs Snakemake, unless a conda environment comes before it.
os.environ.update(PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]))

# Their files are in UTF-8 whatever the locale.
os.environ.update(PYTHONUTF8="1")

# Jobs keep freed memory, for which torch soon asks again.
os.environ.update(KEEP_MEMORY | os.environ)

# A `time` counts from here; the processes of jobs keep what the first one says.
os.environ.setdefault("NEEDLE_STARTED", str(time.time()))

SCHEMAS = {
    name: read_yaml(NEEDLE / f"config/schema/{name}.schema.yaml")
    for name in ("config", "zoo", "tasks")
}

# What the config may leave to Needle.
try:
    config.update(with_defaults(config, NEEDLE))
except NeedleError as error:
    sys.exit(f"error: {error}")
config.update(find_own(config))

# Files that the config names: the user's own, or those that come with Needle.
FILES = find_files(config, NEEDLE)
# Stores of results likewise, by path; with an address those that are fetched.
STORES = locate_stores(config, NEEDLE)
FETCHED_STORES = [path for path, url in STORES.items() if url]


@cache
def state_of_stores():
    """What tells that the stores have changed: no inputs, which Snakemake would take for patterns."""
    return [store_state(path) for path in STORES]


@cache
def state_of_files(path):
    """Names, sizes and times of the user's files: a changed picture makes the task anew."""
    return fingerprint(path, config.get("label"))


def origin():
    """What this run is made of."""
    path = config.get("data") or FILES.get("scores_file", "")
    return Origin(RUN.kind, path, state_of_files(path) if os.path.exists(path) else "")


try:
    if not workflow.modifier.parent_modifier:  # the files of another workflow are its own matter
        for path in workflow.configfiles:
            check_keys(path)
    RUN = read_run(config | FILES, SCHEMAS)
    check_stores(STORES)
    if workflow.is_main_process:
        check_origin(f"results/{RUN.name}", origin())
        # Snakemake would write there and end with a traceback; a dry run writes no results.
        written = [f"results/{RUN.name}", f"logs/{RUN.name}"]
        check_writable([".snakemake", *([] if workflow.output_settings.dryrun else written)])
except NeedleError as error:
    sys.exit(f"error: {error}")
except OSError as error:
    sys.exit(f"error: {error.filename}: cannot be read ({error.strerror})")

ZOO, MODELS, TASKS, PROXIES = RUN.zoo, RUN.models, RUN.tasks, RUN.proxies
find_weights(MODELS.values(), NEEDLE)
STRATEGIES = [*strategies(PROXIES), RANDOM]
# Protocols of fine-tuning beside the run's own, by score.
FURTHER = {score_of(name): protocol for name, protocol in RUN.protocols.items()}
SHOWN = [name for name in STRATEGIES if name in config.get("shown", STRATEGIES)]
# Models whose weights cannot be had are left out, by name, instead of ending the run.
LEAVE_OUT = RUN.unavailable == "leave_out"
# A model that saw a task's data is left out for that task.
SEEN = [
    (model, task)
    for model, card in MODELS.items()
    for task in TASKS
    if task in card.get("contaminated_tasks", [])
]
RESULTS = f"results/{RUN.name}"
LOGS = f"logs/{RUN.name}"
EMBEDDINGS = f"{RESULTS}/embeddings/{{task}}/{{model}}.safetensors"
ROUND = f"{RESULTS}/rounds/{{number}}"
FINETUNED = f"{RESULTS}/finetune/{{task}}/{{model}}.csv"
MIRROR = config.get("mirror", "")
TASK_EMBEDDING = f"{RESULTS}/{TASK_EMBEDDINGS}/{{task}}.safetensors"
EMBEDDED_TASKS = expand(TASK_EMBEDDING, task=TASKS) if "task_embedding" in config else []


def code(program, *modules):
    """A program of workflow/scripts and the library modules it imports, as inputs of its rule.

    One file stands for all the modules: Snakemake looks at each input of each job several times.
    """
    program, *imported = code_files(NEEDLE / "workflow/scripts" / program, *modules)
    # From a storage, a job gets its inputs and nothing else.
    if workflow.storage_settings.default_storage_provider:
        return [program, *imported]
    return [program, code_stamp(".snakemake/code", imported)]


def is_on_cluster():
    """Whether jobs run elsewhere, on machines of which nothing is known here; known after parsing."""
    return workflow.remote_exec or not workflow.local_exec


@cache
def has_gpu():
    """Whether jobs may find a GPU: on this machine, or on a cluster."""
    return is_on_cluster() or bool(usable_devices(visible_names()))


def on_processor():
    """Whether models are run without a GPU."""
    return processor_wanted() or not has_gpu()


def tuning(score=FINETUNE):
    """The protocol of fine-tuning: the config may have another for machines without a GPU."""
    if score in FURTHER:
        return FURTHER[score]
    if "finetune_on_processor" in config and on_processor():
        return config["finetune_on_processor"]
    return config["finetune"]


def runs(scores):
    """How many runs each score of a (model, task) is made of, by score."""
    protocols = {
        score: tuning(score) if is_finetune(score) else config["proxies"][score] for score in scores
    }
    return {score: count_runs(protocol) for score, protocol in protocols.items()}


def available():
    """The models of the run whose weights could be had; known once that was tried."""
    if not LEAVE_OUT:
        return list(MODELS)
    reasons = unavailable(checkpoints.fetch_pool.get().output[0])
    return [model for model, reason in reasons.items() if not reason]


def rounds():
    """The numbers of the rounds of the search; known once it is known how many pictures there are."""
    if not RUN.rounds or ("rounds" not in config and len(available()) <= LARGE):
        return []
    tables = enumerate(checkpoints.draw_rounds.get().output, start=1)
    return [number for number, path in tables if len(Path(path).read_bytes().splitlines()) > 1]


def entrants(number):
    """The models of a round; known once those before it are over."""
    models = available()
    for earlier in range(1, number):
        table = checkpoints.end_round.get(number=earlier).output[0]
        models = [row["model"] for row in rows(table) if row["goes_on"] == "True"]
    return models


def searched():
    """The models that are embedded with all pictures."""
    return entrants(len(rounds()) + 1)


def ranking(wildcards):
    """The ranking of the search; where it stays, only jobs that wait for all before it see these."""
    searched()
    return checkpoints.search.get().output.ranking


def of_pairs(path, **others):
    """A path of each (model, task) of the run: a function, since models may be left out."""

    def paths(wildcards):
        pairs = [(m, t) for t in TASKS for m in searched() if (m, t) not in SEEN]
        models, tasks = zip(*pairs)
        return expand(expand(path, zip, model=models, task=tasks, allow_missing=True), **others)

    return paths


def all_protocols():
    """The protocols of fine-tuning by name; of finished scores nothing but their names."""
    return {OWN: {} if RUN.kind == "finished" else tuning()} | RUN.protocols


def files_of_cards():
    """Where the checkpoints and task files of a run are."""
    if RUN.kind == "finished":
        return {"checkpoints": {}, "tasks": {}}
    tasks = {task: expand(TASK, source=RUN.sources[task], task=task)[0] for task in TASKS}
    return {
        "checkpoints": {model: expand(CHECKPOINT, model=model)[0] for model in MODELS},
        "tasks": tasks,
    }


def figure(name, caption, category, **labels):
    """A figure's SVG with its place in the report."""
    return report(
        f"{RESULTS}/figures/{name}.svg",
        caption=f"../workflow/report/{caption}.rst",
        category=category,
        labels=labels,
    )


def page_templates(name):
    """What a page for people is made of: its own template, the frame and the macros of all."""
    return [NEEDLE / f"workflow/report/{part}.html.j2" for part in (name, "page", "names")]


def may_fork():
    """Whether jobs are forked from one process, which has torch loaded if a job needs it."""
    if os.environ.get("NEEDLE_WARM") == "0" or workflow.deployment_settings.deployment_method:
        return False
    # CUDA cannot be used after a fork; on a cluster jobs run elsewhere.
    return workflow.is_main_process and not has_gpu() and can_fork()


def growing(amount):
    """Memory or time that grows with each attempt of a job that failed for want of it."""
    if callable(amount):
        return lambda wildcards, attempt: attempt * amount(wildcards)
    return lambda wildcards, attempt: attempt * amount


onstart:
    gc.freeze()
    gc.enable()
    unlimit(workflow.scheduler)
    logger.addHandler(TimeLeft(LogEvent.PROGRESS))
    JobProgress("logs").start()
    try:
        # Held until this process ends, however it ends.
        workflow.needle_lock = lock_folder(".snakemake/needle.lock", logger.warning)
        if cancel_orphans(Path.cwd(), logger.warning):
            start_again()  # the files are not those of which the plan was made
            raise NeedleError("jobs were cancelled after the plan was made; run again")
        jobs = list(workflow.dag.needrun_jobs())
        check_writable({Path(file).parent for job in jobs for file in (*job.output, *job.log)})
        made_anew = {file for job in jobs for file in job.output}
        check_whole({file for job in jobs for file in job.input} - made_anew)
        write_origin(RESULTS, origin())
        if may_fork():
            workflow.needle_warm = fork_jobs(
                ["pandas", "timm", "sklearn.linear_model"], programs_with_torch(workflow.rules)
            )
    except NeedleError as error:
        sys.exit(f"error: {error}")
