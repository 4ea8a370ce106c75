"""Regrets of strategies that are compared, and their comparison."""

import numpy as np
import pandas as pd

from needle.regret.comparison import strategy_table

TASKS = [f"t{n}" for n in range(8)]
LEVEL = 0.95
# Relative regret by strategy and task; the first is always 0.1 better than linear, hence so sure.
REGRET = {
    "linear": np.linspace(0.2, 0.9, 8),
    "sure": np.linspace(0.2, 0.9, 8) - 0.1,
    "mixed": np.linspace(0.2, 0.9, 8) + [0.1, -0.1] * 4,
    "bad": np.linspace(0.2, 0.9, 8) + 0.05,
    "oracle-average": np.zeros(8),
}


def regret(tasks=8, budgets=(1, 2), regrets=REGRET):
    rows = [
        (pool, strategy, budget, task, value / budget)
        for pool in ("small", "all")
        for strategy, values in regrets.items()
        for budget in budgets
        for task, value in zip(TASKS[:tasks], values, strict=False)
    ]
    columns = ["pool", "strategy", "budget", "task", "relative_regret"]
    return pd.DataFrame(rows, columns=columns).assign(drawn=0)


def compare(table, budgets=(1, 2), baseline="linear", cost=None, resamples=500):
    return strategy_table(table, list(budgets), baseline, cost, resamples, LEVEL, seed=1)
