"""Write models.csv: what checkpoints, or cards alone, say of the models, in declared order."""

import argparse
import json

from needle.base.csv_files import write_rows
from needle.base.errors import run
from needle.base.tensors import read_card
from needle.scores.columns import LIST_COLUMNS, MODEL_COLUMNS


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--checkpoints", nargs="+")
    source.add_argument("--cards", type=json.loads, help="of models without a checkpoint")
    parser.add_argument(
        "--families", type=json.loads, default={}, help="by model; checkpoints do not say theirs"
    )
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    rows = []
    for card in args.cards or map(read_card, args.checkpoints):
        row = {column: card.get(column) for column in MODEL_COLUMNS} | {"model": card["name"]}
        row["family"] = args.families.get(card["name"], row["family"])
        lists = {column: ";".join(row[column] or []) for column in LIST_COLUMNS}
        rows.append(row | lists)
    write_rows(args.output, rows)


if __name__ == "__main__":
    run(main)
