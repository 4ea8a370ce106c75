"""Search strategies: each ranks a pool for a task, and its picks for budget B are the first B.

A strategy is one file with a function ``rank(pool, task, points)`` and an entry in
`strategies.registry`. It sees the pool's metadata and the scores, and returns a `Ranking`.
"""
