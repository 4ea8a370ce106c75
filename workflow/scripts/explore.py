"""Lay out a store as one page to explore; for `make explore`."""

import argparse

from needle.base.errors import run
from needle.base.files import atomic
from needle.explorer.contents import contents_of
from needle.explorer.page import explorer_page
from needle.run.config import DEFAULTS
from needle.store.reading import read_store

SEED = 0  # of the bootstraps


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", help="folder")
    parser.add_argument("page", help="file to write")
    args = parser.parse_args()

    contents = contents_of(read_store(args.store), **DEFAULTS["uncertainty"], seed=SEED)
    with atomic(args.page) as temporary:
        temporary.write_text(explorer_page(contents, args.store), encoding="utf-8")
    print(f"Explorer: {args.page}")


if __name__ == "__main__":
    run(main)
