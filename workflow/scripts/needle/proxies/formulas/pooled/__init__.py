"""Parts of scores that their authors add up over a pool of models, each scaled over the pool.

`needle.strategies.pooled_sums` says which sums they make.
"""
