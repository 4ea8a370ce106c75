"""Search strategies: which models of a pool to fine-tune, best guess first.

One file each, listed in `registry`; those of `learning` know results on other tasks. Takes a pool
(`pools`), a task and `Known`; gives models in order, with ties. `picks` ranks every pool for every
task: pool, strategy, task, rank, model, tied_rank.

Begin with `strategies(scores)`, which gives them by name, and `strategy.Strategy`.
"""
