"""Fetch a store of results that a config names by its address, check it and unpack it."""

import argparse
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from needle.base.errors import NeedleError, run
from needle.base.files import temporary_folder
from needle.machine.archives import extract
from needle.machine.download import fetch
from needle.machine.http import without_secrets
from needle.store.layout import RESULTS, RUN
from needle.store.reading import read_store


def find_store(folder, url):
    """Find the folder of the entries in what was unpacked: it may lie in others."""
    runs = (path for path in folder.rglob(RUN) if (path.parent / RESULTS).is_dir())
    found = {path.parent.parent for path in runs}
    if len(found) != 1:
        raise NeedleError(
            f"{without_secrets(url)}: holds {len(found) or 'no'} stores; name an archive that "
            "holds one, whose entries are the folders with a run.yaml"
        )
    return found.pop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="of a .tar.gz or .zip")
    parser.add_argument("--sha256", required=True, help="of the archive")
    parser.add_argument("--mirror", help="folder or address that holds it instead")
    parser.add_argument("--output", type=Path, required=True, help="folder to write")
    args = parser.parse_args()

    with temporary_folder(args.output) as aside:
        archive = aside / (PurePosixPath(urlsplit(args.url).path).name or "store")
        fetch(args.url, archive, f"sha256:{args.sha256}", mirror=args.mirror)
        unpacked = aside / "unpacked"
        extract(archive, unpacked)
        store = find_store(unpacked, args.url)
        read_store(store)
        store.rename(args.output)


if __name__ == "__main__":
    run(main)
