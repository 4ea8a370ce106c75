"""Write down a run's configuration, with its model and task cards: a page, and for programs."""

import argparse
import html
import json

import yaml

from needle.base.errors import run
from needle.base.files import atomic


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=json.loads, required=True)
    parser.add_argument(
        "--files", type=json.loads, required=True, help="of checkpoints and tasks; not in the page"
    )
    parser.add_argument("--page", required=True, help="HTML to write")
    parser.add_argument("--configuration", required=True, help="YAML to write")
    args = parser.parse_args()

    style = {"sort_keys": False, "default_flow_style": None, "width": 100, "allow_unicode": True}
    with atomic(args.configuration) as temporary:
        temporary.write_text(yaml.safe_dump(args.run | args.files, **style), encoding="utf-8")
    text = yaml.safe_dump(args.run, **style)
    with atomic(args.page) as temporary:
        page = f'<!doctype html><meta charset="utf-8"><pre>{html.escape(text)}</pre>'
        temporary.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run(main)
