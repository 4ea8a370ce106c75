"""Fetch the original files of one dataset, or say how to get them by hand."""

import argparse
from pathlib import Path

from needle.base.errors import NeedleError, run
from needle.base.files import atomic
from needle.machine.download import fetch
from needle.tasks.vtab1k.downloads import DOWNLOADS, MANUAL


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--mirror", help="folder or URL base to use instead of the publishers")
    parser.add_argument("--output", required=True, help="list of the files to write")
    args = parser.parse_args()

    if args.dataset in MANUAL:
        files = files_by_hand(args.dataset, args.folder)
    elif args.dataset in DOWNLOADS:
        files = []
        for download in DOWNLOADS[args.dataset]:
            path = args.folder / download.file
            fetch(download.url, path, download.checksum, download.size, args.mirror)
            files.append(f"{download.file} {download.checksum}")
    else:
        raise NeedleError(
            f"dataset {args.dataset}: unknown; choose from "
            f"{', '.join(sorted({*DOWNLOADS, *MANUAL}))}"
        )
    with atomic(args.output) as temporary:
        temporary.write_text("".join(f"{file}\n" for file in files), encoding="utf-8")


def files_by_hand(dataset, folder):
    """Names of what lies in the folder of a dataset that has to be got by hand."""
    files = sorted(path.name for path in folder.glob("[!.]*"))
    if not files:
        raise NeedleError(
            f"{folder}: empty, and {dataset} cannot be fetched by a program: {MANUAL[dataset]}"
        )
    return files


if __name__ == "__main__":
    run(main)
