# What the rules share: the checked config, the cards, and the run's names.
#
# Needs:  the run's config, its model cards and task cards
# Gives:  ZOO, MODELS, SOURCE, TASKS, STRATEGIES, the paths' stems, code(), a lock on the folder
import fcntl
import json
import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

sys.path.insert(0, str(Path(workflow.basedir) / "workflow" / "scripts"))

from needle import config as needle_config
from needle.errors import NeedleError
from needle.imports import code_files
from needle.pools import check_pools
from needle.progress import TimeLeft
from needle.strategies.registry import RANDOM, strategies

# The jobs' `python` is the one that runs Snakemake, unless a conda environment comes before it.
os.environ.update(PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]))

# glibc gives freed memory back at once and torch asks for it again: keeping it saves 10 % of the
# processor time of training.
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(2**32))
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(2**32))

SCHEMAS = {
    name: needle_config.read_yaml(Path(workflow.basedir) / f"config/schema/{name}.schema.yaml")
    for name in ("config", "zoo", "tasks")
}

try:
    needle_config.check(config, SCHEMAS["config"], "config")
    ZOO, MODELS = needle_config.read_cards(
        config["model_cards"], SCHEMAS["zoo"], "models", config.get("models")
    )
    SOURCE, TASKS = needle_config.read_cards(
        config["task_cards"], SCHEMAS["tasks"], "tasks", config.get("tasks")
    )
    check_pools(config["pools"], MODELS)
    STRATEGIES = [*strategies(config["proxies"]), RANDOM]
    needle_config.check_deltas(config["deltas"], STRATEGIES)
except NeedleError as error:
    sys.exit(f"error: {error}")

RESULTS = f"results/{config['run']}"
LOGS = f"logs/{config['run']}"
DOMAIN = f"resources/upstream/{ZOO['zoo']}/{{domain}}.safetensors"
CHECKPOINT = f"resources/checkpoints/{ZOO['zoo']}/{{model}}.safetensors"
TASK = f"resources/tasks/{SOURCE['source']}/{{task}}-{config['image_size']}px.safetensors"


wildcard_constraints:
    model="|".join(map(re.escape, MODELS)),
    task="|".join(map(re.escape, TASKS)),
    proxy="|".join(map(re.escape, config["proxies"])),
    domain="|".join(map(re.escape, ZOO["upstream"]["domains"])),


def code(program):
    """A program of workflow/scripts and the library modules it imports, as inputs of its rule."""
    return code_files(f"workflow/scripts/{program}")


def learned_domains(wildcards):
    """The rendered domains that a model learns from."""
    return expand(DOMAIN, domain=MODELS[wildcards.model]["pretrain"]["domains"])


def is_reference(wildcards):
    """Whether a model learns all domains, so that its accuracy is the reference accuracy."""
    return set(MODELS[wildcards.model]["pretrain"]["domains"]) == set(ZOO["upstream"]["domains"])


onstart:
    logger.addHandler(TimeLeft(LogEvent.PROGRESS))
    # Held until this process ends, however it ends; a second Snakemake here gets a clear error.
    workflow.needle_lock = open(".snakemake/needle.lock", "w")
    try:
        fcntl.flock(workflow.needle_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise WorkflowError(
            "another Snakemake is at work in this folder; wait for it, or use another clone"
        ) from None
