"""Draw the scores: what each pool reaches on each task, and what the proxies tell of it."""

import argparse
import json
from itertools import product

from needle.base.errors import run
from needle.base.run_tables import read_table
from needle.figures.correlation import draw_correlation
from needle.figures.dimension import draw_dimension
from needle.figures.overview import draw_overview
from needle.figures.scatter import draw_scatter
from needle.figures.style import save, strategy_looks
from needle.scores.score_table import point_values, read_models, read_scores, read_tasks
from needle.strategies.pools import pool_members
from needle.tables.dimension import best_by_dimension

KNN = "knn"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for table in ("models", "scores", "tasks", "picks", "correlation"):
        parser.add_argument(f"--{table}", required=True)
    parser.add_argument("--pools", type=json.loads, required=True)
    parser.add_argument("--proxies", nargs="*", required=True, help="those to show")
    parser.add_argument("--strategies", nargs="+", required=True, help="those to show")
    svgs = parser.add_argument_group("SVG files to write; PDFs go beside them")
    svgs.add_argument("--overview-svg", nargs="+", required=True, help="by pool")
    svgs.add_argument("--scatter-svg", nargs="*", required=True, help="by proxy, then pool")
    svgs.add_argument("--correlation-svg", required=True)
    svgs.add_argument("--dimension-svg", nargs="*", required=True, help="one if kNN is a proxy")
    args = parser.parse_args()

    models, tasks = read_models(args.models), read_tasks(args.tasks)
    points, correlation = point_values(read_scores(args.scores)), read_table(args.correlation)
    correlation = correlation[correlation["proxy"].isin(args.proxies)]
    looks = strategy_looks(args.strategies)
    _draw_pools(args, pool_members(models, args.pools), points, correlation, looks, tasks)
    save(draw_correlation(correlation, looks, args.pools, tasks), args.correlation_svg)
    for path in args.dimension_svg:
        best = best_by_dimension(models, points, KNN)
        save(draw_dimension(best, looks[KNN], tasks), path)


def _draw_pools(args, members, points, correlation, looks, tasks):
    """Draw the overview of each pool, and its scores of each proxy."""
    picks = read_table(args.picks)
    labels = {pool: declared["label"] for pool, declared in args.pools.items()}
    for (pool, names), path in zip(members.items(), args.overview_svg, strict=True):
        figure = draw_overview(points["finetune"], picks, pool, names, looks, labels[pool], tasks)
        save(figure, path)
    tables = points, picks, correlation
    for (proxy, pool), path in zip(product(args.proxies, members), args.scatter_svg, strict=True):
        about = pool, members[pool], proxy, looks[proxy], labels[pool]
        save(draw_scatter(*tables, *about, tasks), path)


if __name__ == "__main__":
    run(main)
