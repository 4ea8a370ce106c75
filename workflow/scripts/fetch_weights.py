"""Fetch or copy the published weights of one model: the only step of models that uses a network."""

import argparse
import json

from needle.base.errors import run
from needle.models.weights import locate, obtain


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--card", type=json.loads, required=True)
    parser.add_argument(
        "--mirror", help="folder or URL base that holds the file by its name, or ''"
    )
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    obtain(locate(args.card), args.output, args.mirror or None)


if __name__ == "__main__":
    run(main)
