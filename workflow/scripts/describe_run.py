"""Write down a run's configuration, with its model cards and task cards, as a page."""

import argparse
import html
import json

import yaml

from needle.base.errors import run
from needle.base.files import atomic


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=json.loads, required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    text = yaml.safe_dump(args.run, sort_keys=False, default_flow_style=None, width=100)
    with atomic(args.output) as temporary:
        page = f'<!doctype html><meta charset="utf-8"><pre>{html.escape(text)}</pre>'
        temporary.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run(main)
