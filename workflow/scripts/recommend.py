"""Lay out the recommendation as a page, and sum it up for the terminal."""

import argparse
import json
from pathlib import Path

from needle.base.errors import run
from needle.base.files import atomic
from needle.base.run_tables import read_table
from needle.finetuning.protocols import of_families
from needle.pages.template import yaml_text
from needle.recommend.admission import most_picks
from needle.recommend.answer.time_words import time_words
from needle.recommend.findings import read_findings
from needle.recommend.known_results import read_choice
from needle.recommend.page import recommendation_page
from needle.recommend.protocol import tuning_words
from needle.recommend.summary import summary


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranking", required=True)
    parser.add_argument("--problems", required=True, help="of the data")
    parser.add_argument("--classes", required=True, help="of the data, and their counts")
    for name in ("candidates", "predictions", "measures", "reliability", "task"):
        parser.add_argument(f"--{name}", nargs="?", help="without it, nothing was fine-tuned")
    parser.add_argument("--plan", nargs="?", help="of a fine-tuning in a given time")
    parser.add_argument("--readme", nargs="?", type=Path, help="of the exported model")
    parser.add_argument("--configuration", type=json.loads, required=True)
    parser.add_argument("--protocol", type=json.loads, required=True, help="of the fine-tuning")
    parser.add_argument("--sides", type=json.loads, required=True, help="of the models' own input")
    parser.add_argument("--families", nargs="*", default=[], help="of the picks' architectures")
    parser.add_argument("--label", required=True, help="what a reader calls the data")
    parser.add_argument("--choice", required=True, help="JSON: the strategy, and why")
    parser.add_argument("--budget", required=True, help="a number, or all")
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--report", required=True, help="page to write")
    parser.add_argument("--summary", required=True, help="text to write")
    parser.add_argument("--configuration-file", required=True, help="YAML to write")
    args = parser.parse_args()

    found = read_findings(
        args.ranking,
        args.problems,
        args.classes,
        args.candidates,
        args.predictions,
        args.measures,
        args.reliability,
        args.task,
    )
    budget = most_picks(args.budget, (found.ranking["left_out"] == "").sum())
    taken = read_choice(args.choice)
    choice = args.label, taken.strategy, budget, args.level
    readme = args.readme.read_text("utf-8") if args.readme else ""
    protocol = of_families(args.protocol, args.families)
    if args.plan:
        tuning = time_words(read_table(args.plan), args.configuration["time"], protocol)
    else:
        full = of_families(args.configuration["finetune"], args.families)
        over_folds = args.configuration.get("decide_on") == "folds"
        tuning = tuning_words(found.picks, protocol, full, args.sides, over_folds)
    page = recommendation_page(
        found, args.configuration, *choice, args.report, readme, tuning, taken.words
    )
    text = summary(found, *choice, args.report, tuning, args.configuration, taken.words)
    texts = {
        args.report: page,
        args.summary: text,
        args.configuration_file: yaml_text(args.configuration),
    }
    for path, text in texts.items():
        with atomic(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
