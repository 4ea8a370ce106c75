# What the rules share: the checked config and the run's names.
#
# Needs:  the run's config
# Gives:  RUN and its parts, the paths' stems, code(), a lock on the folder
import fcntl
import json
import os
import re
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

sys.path.insert(0, str(Path(workflow.basedir) / "workflow" / "scripts"))

from needle.config import read_yaml
from needle.contracts import DATA
from needle.errors import NeedleError
from needle.imports import code_files
from needle.mydata.listing import fingerprint
from needle.progress import TimeLeft
from needle.runs import DEMO, read_run
from needle.strategies.registry import RANDOM, strategies

# The jobs' `python` is the one that runs Snakemake, unless a conda environment comes before it.
os.environ.update(PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]))

# glibc gives freed memory back at once and torch asks for it again: keeping it saves 10 % of the
# processor time of training.
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(2**32))
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(2**32))

SCHEMAS = {
    name: read_yaml(Path(workflow.basedir) / f"config/schema/{name}.schema.yaml")
    for name in ("config", "zoo", "tasks")
}

try:
    RUN = read_run(config, SCHEMAS)
except NeedleError as error:
    sys.exit(f"error: {error}")

ZOO, MODELS, TASKS, PROXIES = RUN.zoo, RUN.models, RUN.tasks, RUN.proxies
STRATEGIES = [*strategies(PROXIES), RANDOM]
RESULTS = f"results/{RUN.name}"
LOGS = f"logs/{RUN.name}"
EMBEDDINGS = f"{RESULTS}/embeddings/{{task}}/{{model}}.safetensors"
MIRROR = config.get("mirror", "")


def code(program, *modules):
    """A program of workflow/scripts and the library modules it imports, as inputs of its rule."""
    return code_files(f"workflow/scripts/{program}", *modules)


@cache
def state_of_files(path):
    """Names, sizes and times of the user's files: a changed picture makes the task anew."""
    return fingerprint(path)


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
