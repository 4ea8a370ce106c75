"""Check what Snakemake reads and writes before it reads any rule; for `make`."""

import argparse

from snakemake.common import get_appdirs

from needle.base.errors import NeedleError, run
from needle.base.folders import check_writable
from needle.base.schema import read_yaml


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="file of the run's config")
    args = parser.parse_args()

    if not isinstance(read_yaml(args.config), dict):
        raise NeedleError(f"{args.config}: has no keys; see config/README.md for those of a run")
    cache = get_appdirs().user_cache_dir
    try:
        check_writable([cache])
    except NeedleError as error:
        raise NeedleError(
            f"{error} (Snakemake's cache; XDG_CACHE_HOME=folder puts it elsewhere)"
        ) from None


if __name__ == "__main__":
    run(main)
