"""Choose the config for a user's data, and say why; for `make recommend`."""

import argparse
import sys

from needle.base.errors import run
from needle.run.named_files import find_path
from needle.run.pool_choice import choose_config


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="folder of images or of embeddings, or file that lists images")
    args = parser.parse_args()

    config, reason = choose_config(find_path(args.data))
    print(f"{reason} ({config}); CONFIG=... overrides", file=sys.stderr)
    print(config)


if __name__ == "__main__":
    run(main)
