"""What the rules of a workflow say of their outputs and programs, and what these tables say."""

import csv
import os

from snakemake.io import get_flag_value


def menu(rules, files, folder):
    """List the files that a page links to, each with its place in the menu of Snakemake's report.

    Parameters
    ----------
    rules : iterable of snakemake.rules.Rule
    files : iterable of str
        Outputs of these rules; a figure's PDF is left out, it is beside its SVG.
    folder : path
        Where the page is.

    Yields
    ------
    dict
        ``path`` from the page, ``category`` and ``label``, or empty.
    """
    places = {file: get_flag_value(file, "report") for rule in rules for file in rule.output}
    for file in files:
        if not file.endswith(".pdf"):
            place = places[file]
            yield {
                "path": os.path.relpath(file, folder),
                "category": place.category if place else "",
                "label": ", ".join(place.labels.values()) if place else "",
            }


def programs_with_torch(rules):
    """Find the programs of the rules whose environment has torch; set of str."""
    named = [rule for rule in rules if rule.conda_env]
    return {rule.input.code[0] for rule in named if str(rule.conda_env).endswith("torch.yaml")}


def rows(table):
    """Read the rows of a table that decides which jobs there are; list of dict."""
    with open(table, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def unavailable(table):
    """Read why the weights of each model could not be had; empty where they could."""
    return {row["model"]: row["reason"] for row in rows(table)}
