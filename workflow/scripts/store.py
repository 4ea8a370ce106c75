"""Add the results of a finished run to a store, and show them beside what it had."""

import argparse
import re
from pathlib import Path

from needle.base.errors import NeedleError, run
from needle.store.check import check_entry
from needle.store.collect import collect
from needle.store.grow import grow, is_same
from needle.store.neighbours import neighbour_lines
from needle.store.reading import entry_files, read_store
from needle.store.writing import write_entry

README = """# Results of fine-tuning

A folder for each run. `docs/store.md` says what lies where; `make store RUN=results/NAME` adds a
run, and two stores are merged by copying folders.
"""


def add(results, name, store):
    """Add a run to a store; give the lines that say what was done."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", name):
        raise NeedleError(
            f"{name!r} cannot be the name of an entry: lower-case letters, digits, dots, dashes "
            "and underscores; give another (AS=name)"
        )
    where, known = Path(store, name), read_store(store) if entry_files(store) else []
    entry = collect(results, name)
    check_entry(entry, lambda row: f"{results}/scores.csv")
    fresh, former = entry.rows, next((one for one in known if one.name == name), None)
    if former:
        entry, fresh = grow(former, entry, where)
        if fresh.empty and is_same(former, entry):
            return [f"{where}: nothing to do, all of {results} is there"]
    write_entry(entry, store)
    readme = Path(store, "README.md")
    if not readme.exists():
        readme.write_text(README, encoding="utf-8")
    said = f"{len(entry.models)} models, {len(entry.tasks)} tasks, {len(entry.rows)} values"
    return [
        f"{where}: {said}, {len(fresh)} of them new",
        *(f"  {line}" for line in neighbour_lines(fresh, entry, known)),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder of its results")
    parser.add_argument("--as", dest="name", help="of the entry; that of the folder if not given")
    parser.add_argument("--store", type=Path, default=Path("store"), help="folder")
    args = parser.parse_args()

    print("\n".join(add(args.run, args.name or args.run.name, args.store)))


if __name__ == "__main__":
    run(main)
