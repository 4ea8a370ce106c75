"""The page of a run, which needs nothing else but what it links to."""

import os
from dataclasses import dataclass

import yaml

from needle.base.formats import names
from needle.base.run_tables import read_table
from needle.pages.headline import headline_cells
from needle.pages.protocol_words import described
from needle.pages.summary.changes import changes
from needle.pages.summary.words import answer, called, cautions, lessons, lowest
from needle.pages.template import render, yaml_text
from needle.scores.additions import additions as parts_of
from needle.scores.score_table import read_models, read_tasks
from needle.strategies.labels import strategy_label
from needle.strategies.pools import pool_members
from needle.strategies.registry import RANDOM

TEMPLATE = "summary.html.j2"
MOST = 20  # strategies on the page
KINDS = {"benchmark": "benchmark", "finished": "analysis of finished scores"}
PLAIN = "Tables as files"  # what no other menu has


@dataclass(frozen=True)
class RunTables:
    """What a page is made of: tables of a run, by the names of their files.

    Attributes
    ----------
    models, tasks : DataFrame
    additions : list of list of str
        The models, as `scores.additions.additions` parts them.
    mean_regret, comparison, gaps, noise, without, newly_best : DataFrame
        Of tables/: mean_regret.csv, strategies.csv, gaps.csv, noise.csv, without_additions.csv,
        newly_best.csv.
    """

    models: object
    tasks: object
    additions: list
    mean_regret: object
    comparison: object
    gaps: object
    noise: object
    without: object
    newly_best: object

    @property
    def task_labels(self):
        """What a reader calls each task."""
        return self.tasks.set_index("task")["label"]


def read_tables(models, tasks, additions, *tables):
    """Read a `RunTables` from its files, in the order of its attributes."""
    models = read_models(models)
    parts = parts_of(additions, list(models.index))
    return RunTables(models, read_tasks(tasks), parts, *map(read_table, tables))


def strategies_on_page(mean_regret, shown, budget):
    """Choose the strategies that a page has room for.

    Parameters
    ----------
    mean_regret : DataFrame
        Columns of tables/mean_regret.csv.
    shown : list of str
        Those that the config shows.
    budget : int

    Returns
    -------
    list of str
        Those of `shown` that have a regret; of more than `MOST`, the lowest in the first pool and
        random search.
    """
    known = set(mean_regret["strategy"])
    shown = [name for name in shown if name in known]
    if len(shown) <= MOST:
        return shown
    first = mean_regret[
        (mean_regret["pool"] == mean_regret["pool"].iloc[0]) & (mean_regret["budget"] == budget)
    ].set_index("strategy")["mean_relative_regret"]
    ordered = first.reindex(shown).sort_values(kind="stable").index
    kept = {*ordered[: MOST - 1], RANDOM}
    return [name for name in shown if name in kept]


def summary_page(tables, configuration, kind, shown, plots, files, costs):
    """Lay out what a run has found.

    Parameters
    ----------
    tables : RunTables
    configuration : dict
        The run's whole config.
    kind : {"benchmark", "finished"}
    shown : list of str
        Strategies, as `strategies_on_page` chooses them.
    plots : dict of str to str
        By pool: the URI of its picture.
    files : list of dict
        Figures (SVG, each with a PDF beside it) and tables: ``path`` from the page's folder,
        ``category`` and ``label`` of the report's menu, or empty.
    costs : bool
        Whether the run knows what a search costs.

    Returns
    -------
    str
        HTML.
    """
    labels = {pool: declared["label"] for pool, declared in configuration["pools"].items()}
    budgets, level = configuration["budgets"], configuration["uncertainty"]["level"]
    mean_regret = tables.mean_regret[tables.mean_regret["strategy"].isin(shown)]
    content = {
        "run": configuration["run"],
        "kind": KINDS[kind],
        **answer(mean_regret, tables.comparison, labels, budgets, level),
        "level": f"{level:.0%}".replace("%", "\N{NO-BREAK SPACE}%"),
        "budgets": budgets,
        "first": _first(mean_regret, next(iter(labels)), budgets[0]),
        "noise_floor": tables.noise["noise_floor"].mean(),
        "models": len(tables.models),
        "tasks": tables.tasks.merge(tables.noise, how="left", on="task").to_dict("records"),
        "change_of": changes(tables, labels, shown, budgets),
        "regrets": _regrets(mean_regret, labels, budgets, plots),
        "left_out": len(tables.mean_regret["strategy"].unique()) - len(shown),
        "pools": _pools(tables, mean_regret, configuration, budgets),
        "asked": _asked(configuration, shown),
        "lessons": lessons(tables, labels, level),
        "cautions": cautions(tables, labels, shown, costs),
        "files": _by_category(files),
        "configuration": yaml_text(configuration),
    }
    return render(TEMPLATE, content)


def _first(mean_regret, pool, budget):
    """The lowest regret and that of random search, in the first pool at the first budget."""
    best = lowest(mean_regret, pool, budget)
    rows = mean_regret[(mean_regret["pool"] == pool) & (mean_regret["budget"] == budget)]
    drawn = rows.loc[rows["strategy"] == RANDOM, "mean_relative_regret"]
    value = None if best.empty else best["mean_relative_regret"].iloc[0]
    return {
        "lowest": value,
        "by": called(best["strategy"]),
        "random": drawn.iloc[0] if len(drawn) else None,
    }


def _regrets(mean_regret, labels, budgets, plots):
    """The picture of each pool and the numbers in it."""
    cells = headline_cells(mean_regret, labels, budgets)
    return [
        {
            "label": label,
            "plot": plots[pool],
            "rows": [
                (strategy_label(strategy), list(row))
                for strategy, row in zip(mine.index, mine.to_numpy(), strict=True)
            ],
        }
        for pool, label in labels.items()
        if pool in plots
        for mine in [cells.loc[label]]
    ]


def _pools(tables, mean_regret, configuration, budgets):
    rows = []
    for pool, members in pool_members(tables.models, configuration["pools"]).items():
        declared = configuration["pools"][pool]
        mine = mean_regret[mean_regret["pool"] == pool]
        rows.append(
            {
                "label": declared["label"],
                "models": len(members),
                "where": _one_line(declared["where"]) if declared["where"] else "",
                "tasks": int(mine["tasks"].max()) if len(mine) else 0,
                "lowest": [
                    called(lowest(mean_regret, pool, budget)["strategy"]) for budget in budgets
                ],
            }
        )
    return rows


def _one_line(where):
    return yaml.safe_dump(where, default_flow_style=True, width=float("inf")).strip()[1:-1]


def _asked(configuration, shown):
    """What the run was asked, as pairs of words."""
    asked = {
        "Budgets": f"{names(map(str, configuration['budgets']))} models fine-tuned",
        "Strategies on this page": names(map(strategy_label, shown)),
    }
    if "proxies" in configuration:
        asked["Proxies"] = names(map(strategy_label, configuration["proxies"]))
    if "finetune" in configuration:
        asked["Fine-tuning"] = described(configuration["finetune"])
    if configuration.get("protocols"):
        asked["Further protocols"] = names(map(str, configuration["protocols"]))
    if "scores_file" in configuration:
        asked["Scores"] = configuration["scores_file"]
    uncertainty = configuration["uncertainty"]
    asked["Intervals"] = f"{uncertainty['level']:.0%}, from {uncertainty['resamples']:,} resamples"
    return asked | {"Seed": str(configuration["seed"])}


def _by_category(files):
    """Group files by their place in the report's menu; a figure's PDF is beside its SVG."""
    grouped = {}
    for file in files:
        stem, suffix = os.path.splitext(file["path"])
        shown = {
            "path": file["path"],
            "label": file["label"] or file["path"],
            "pdf": f"{stem}.pdf" if suffix == ".svg" else "",
        }
        grouped.setdefault(file["category"] or PLAIN, []).append(shown)
    # The menu has numbers for its order alone.
    return {name.partition(". ")[2] or name: grouped[name] for name in sorted(grouped)}
