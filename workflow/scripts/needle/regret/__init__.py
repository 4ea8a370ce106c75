"""Regret: how far the best pick of a budget is from the best model of the pool.

`formulas` has the paper's equations on plain arrays. `regret_table` applies them to picks: pool,
strategy, budget, task, oracle, achieved, relative_regret and the rest. `uncertainty` resamples
repeats and tasks, `comparison` says which strategies differ, by `paired_tests`, and
`without_models` what some models of a pool change.

`staticness`, `level_pools` and `hidden_models` say what such a difference may rest on besides the
task at hand.

Begin with `relative_regret(oracle, achieved)` and `best_by_budget`.
"""
