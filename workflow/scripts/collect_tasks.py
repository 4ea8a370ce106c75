"""Write tasks.csv: what a reader calls the tasks, in declared order."""

import argparse
import json

from needle.base.csv_files import write_rows
from needle.base.errors import run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=json.loads, required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    write_rows(
        args.output,
        [{"task": c["name"], "label": c["label"], "group": c["group"]} for c in args.cards],
    )


if __name__ == "__main__":
    run(main)
