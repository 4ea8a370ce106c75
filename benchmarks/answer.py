"""Needle's answer beside what else the same time gives, on photographs and two cores.

    python benchmarks/answer.py path/to/signs path/to/groceries

Five contestants have the same pictures, split, weights, pixels and cores (none has a GPU), choose
on val, and look at test once:

- `needle`: `snakemake recommend` with `--config`, for the models of its pool that come from the
  package index; its seconds, from the search to the report, are what fastai and timm get
- `former`: the same search, then the protocol that config/photos.yaml once had for a processor
  (`answers/former.yaml`): of the fine-tuned picks, the best on val
- `probe`: all models frozen, a logistic regression with a tuned penalty, the best on val
- `fastai`: `vision_learner` and `fine_tune`, in an environment of its own, made at first use
- `timm`: the recipe of its train script, which no package has (`answers/timm_training.py`)

fastai and timm train one model for the whole time: the one that Needle's search ranks first, told
to them for nothing. They have as many epochs as fit: one was timed before, outside of their time,
as are the start of their programs and the writing of the pictures that they read.

What is finished is not done again: a row of results.csv in `--output`. A set and seed take about
four times as long as Needle's answer. It needs Linux.
"""

import argparse
import os
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

import pandas as pd
import timm
import torch
from answers.case import Case
from answers.needle_runs import former, recommended
from answers.others import FASTAI, fastai, timm_recipe
from answers.probe import probe
from answers.table import print_tables

from needle.base.csv_files import write_table
from needle.base.errors import run
from needle.base.schema import read_yaml

ROOT = Path(__file__).parents[1]
CONTESTANTS = {
    "needle": recommended,
    "former": former,
    "probe": probe,
    "fastai": fastai,
    "timm": timm_recipe,
}


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="+", type=Path, help="folders of pictures")
    parser.add_argument("--config", default="config/photos.yaml", help="of Needle's answer")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--seconds", type=float, help="of fastai and timm; Needle's if not given")
    parser.add_argument("--pixels", type=int, default=160, help="a side, of fastai and timm")
    parser.add_argument("--contestants", nargs="+", choices=CONTESTANTS, default=[*CONTESTANTS])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument(
        "--output", type=Path, default=Path("results/answer"), help="another for another config"
    )
    return parser.parse_args()


def main():
    args = read_arguments()
    args.data = [path.resolve() for path in args.data]
    args.output = args.output.resolve()
    os.chdir(ROOT)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    config = read_yaml(args.config)
    table = args.output / "results.csv"
    rows = pd.read_csv(table).to_dict("records") if table.exists() else []
    done = {(row["set"], row["seed"], row["contestant"]): row for row in rows}
    for seed in args.seeds:
        for data in args.data:
            case = Case(data, seed, config, args)
            for name in args.contestants:
                key = (case.set, seed, name)
                if key in done:
                    continue
                asked = args.seconds or done.get((case.set, seed, "needle"), {}).get("seconds")
                answer = CONTESTANTS[name](case, asked)
                case.write_predictions(name, answer.pop("predicted"))
                done[key] = {"set": case.set, "seed": seed, "contestant": name} | answer
                write_table(table, pd.DataFrame(done.values()))
                print(f"{case.name}: {name}, {answer['seconds']:.0f} s", file=sys.stderr)
    print(
        f"Python {platform.python_version()}, torch {torch.__version__}, timm {timm.__version__}, "
        f"{FASTAI}; {args.cores} cores of {platform.machine()}\n"
    )
    print_tables(pd.DataFrame(done.values()), args.output)


if __name__ == "__main__":
    run(main)
