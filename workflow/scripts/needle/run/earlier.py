"""The finished runs that a run learns from."""

import re
from pathlib import Path

from needle.base.errors import NeedleError
from needle.scores.columns import TASK_EMBEDDINGS

EARLIER_TABLES = ["models.csv", "scores.csv"]  # what a run learns from another


def check_earlier(config, run):
    """Check the runs that this one learns from, and the probe network that compares their tasks."""
    for folder in config.get("earlier_runs", []):
        if re.search(r"\{.*\}", folder):
            raise NeedleError(
                f"config: earlier_runs: {folder}: Snakemake takes braces in the path of an input "
                "for wildcards; rename the folder, or name a link to it"
            )
        missing = [name for name in EARLIER_TABLES if not Path(folder, name).is_file()]
        if missing or Path(folder) == Path("results", run.name):
            reason = f"has no {', '.join(missing)}" if missing else "is this run itself"
            raise NeedleError(
                f"config: earlier_runs: {folder} {reason}; name the results of a finished run, "
                "such as results/mini"
            )
    probe = config.get("task_embedding", {}).get("model")
    if probe and run.kind == "features":
        raise NeedleError("config: task_embedding: needs images; remove it, or name images as data")
    if probe and probe not in run.models:
        raise NeedleError(
            f"config: task_embedding.model: {probe!r} is no model of this run; "
            f"allowed: {', '.join(run.models)}"
        )


def earlier_embeddings(folder):
    """List the task embeddings of an earlier run, if it has any."""
    return sorted(Path(folder).glob(f"{TASK_EMBEDDINGS}/*.safetensors"))
