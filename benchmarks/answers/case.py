"""A set of pictures and a seed: its split, what Needle is asked, and where things lie."""

import shutil
import subprocess
import sys
import time
from functools import cached_property
from pathlib import Path

import pandas as pd
import yaml

from needle.base.csv_files import write_table
from needle.base.errors import NeedleError
from needle.base.schema import read_yaml
from needle.tasks.task_file import Task


class Case:
    """A set of pictures and a seed.

    Parameters
    ----------
    data : Path
        The folder of pictures; its name is the set's.
    seed : int
        Of the split and of all training.
    config : dict
        Of a recommendation; those models of its pool take part that the package index has.
    args : Namespace
        output, the folder of the benchmark; pixels; cores.
    """

    def __init__(self, data, seed, config, args):
        self.data, self.set, self.seed = data, data.name, seed
        self.name = f"{self.set}-{seed}"
        self.pixels, self.cores, self.output = args.pixels, args.cores, args.output
        self.folder = args.output / self.name
        self.folder.mkdir(parents=True, exist_ok=True)
        pool = read_yaml(config["model_cards"])
        self.zoo = pool["zoo"]
        self.models = [card["name"] for card in pool["models"] if "package" in card["weights"]]
        self.config = config | {"data": str(data), "seed": seed, "models": self.models}

    def run(self, name):
        """Name the run of Needle that a contestant is."""
        return f"{self.output.name}-{self.name}-{name}"

    def results(self, name):
        """Folder of a contestant's run."""
        return Path("results", self.run(name))

    def checkpoint(self, model):
        """Path of a model's weights."""
        return Path(f"resources/checkpoints/{self.zoo}/{model}.safetensors")

    def recommend(self, name, config):
        """Let Needle recommend a model, from nothing but the prepared pictures and weights.

        Returns
        -------
        float
            Seconds from the search to the report.
        """
        shutil.rmtree(self.results(name), ignore_errors=True)
        prepared = [
            self.results(name) / "data/task.safetensors",
            *map(self.checkpoint, self.models),
        ]
        self._snakemake(name, config, prepared)
        started = time.perf_counter()
        self._snakemake(name, config, ["recommend"])
        return time.perf_counter() - started

    def _snakemake(self, name, config, targets):
        file = self.folder / f"{name}.yaml"
        text = yaml.safe_dump(config | {"run": self.run(name)}, sort_keys=False)
        file.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--cores", self.cores, "--configfile", file]
        self.call(name, [*command, "--", *targets])

    def call(self, name, command):
        """Run a program; what it says goes to the contestant's log."""
        log = self.folder / f"{name}.log"
        with open(log, "a", encoding="utf-8") as said:
            code = subprocess.run([*map(str, command)], stdout=said, stderr=said).returncode
        if code:
            raise NeedleError(f"{self.name}: {name} ended with {code}; see {log}")

    @cached_property
    def task(self):
        """The split, as Needle has prepared it for its answer."""
        return Task(self.results("needle") / "data/task.safetensors")

    def first_ranked(self):
        """Name the model that Needle's search ranks first."""
        file = self.results("needle") / "recommendation/ranking.csv"
        if not file.exists():
            raise NeedleError(f"{file}: missing; remove {self.output} and begin anew")
        ranking = pd.read_csv(file)
        return ranking.loc[ranking["rank"].idxmin(), "model"]

    def write_predictions(self, name, predicted):
        """Write what a contestant says of each test picture, by indices of classes."""
        examples = pd.read_csv(
            self.results("needle") / "data/examples.csv", dtype=str, keep_default_na=False
        )
        test = examples[examples["split"] == "test"][["path", "label"]]
        classes = self.task.card["classes"]
        table = test.assign(predicted=[classes[index] for index in predicted])
        write_table(self.folder / f"{name}.csv", table)
