"""Draw how good the strategies are: regret, pairs compared, optimal picks and cost."""

import argparse
import json
from itertools import product

from needle.base.errors import run
from needle.base.run_tables import read_table
from needle.figures.cost import draw_cost
from needle.figures.delta import draw_delta
from needle.figures.optimal_picks import draw_optimal_picks
from needle.figures.quantities import QUANTITIES
from needle.figures.regret import draw_regret
from needle.figures.style import save, strategy_looks
from needle.scores.score_table import read_tasks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for table in ("regret", "delta", "mean-delta", "optimal-picks", "tasks"):
        parser.add_argument(f"--{table}", required=True)
    parser.add_argument("--cost", nargs="*", required=True, help="none if it is not known")
    for declared in ("deltas", "pools"):
        parser.add_argument(f"--{declared}", type=json.loads, required=True)
    parser.add_argument("--budgets", nargs=2, type=int, required=True)
    parser.add_argument("--level", type=float, required=True)
    parser.add_argument("--strategies", nargs="+", required=True, help="those to show")
    svgs = parser.add_argument_group("SVG files to write; PDFs go beside them")
    svgs.add_argument(
        "--regret-svg", nargs="+", required=True, help="by strategy, relative, then log-odds"
    )
    svgs.add_argument(
        "--delta-svg", nargs="*", required=True, help="by delta, relative, then log-odds"
    )
    svgs.add_argument("--optimal-picks-svg", required=True)
    svgs.add_argument("--cost-svg", nargs="*", required=True, help="one if the cost is known")
    args = parser.parse_args()

    compared = [delta[side] for delta in args.deltas for side in ("first", "second")]
    looks = strategy_looks([*args.strategies, *compared])
    _draw_by_task(args, looks)
    looks = {name: looks[name] for name in args.strategies}
    optimal_picks = read_table(args.optimal_picks)
    save(draw_optimal_picks(optimal_picks, looks, args.pools), args.optimal_picks_svg)
    for path, svg in zip(args.cost, args.cost_svg, strict=True):
        cost = read_table(path)
        save(draw_cost(cost[cost["strategy"].isin(args.strategies)], looks, args.pools), svg)


def _draw_by_task(args, looks):
    """Draw the strategies one by one, then in pairs, each task by task."""
    shared = args.pools, read_tasks(args.tasks), args.level
    regret, delta, mean_delta = map(read_table, (args.regret, args.delta, args.mean_delta))
    wanted = product(QUANTITIES, args.strategies)
    for (quantity, strategy), path in zip(wanted, args.regret_svg, strict=True):
        look = looks[strategy]
        save(draw_regret(regret, strategy, look, args.budgets, *shared, quantity), path)
    wanted = product(QUANTITIES, args.deltas)
    for (quantity, pair), path in zip(wanted, args.delta_svg, strict=True):
        save(draw_delta(delta, mean_delta, pair, looks, *shared, quantity), path)


if __name__ == "__main__":
    run(main)
