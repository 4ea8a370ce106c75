"""Search strategies: each ranks a pool for a task, and its picks for budget B are the first B.

A strategy is one file: its name, what it needs, ``rank(pool, task, known)`` and, where a run may
lack what it needs, ``skip(known)``; and its place in `strategies.registry`.
"""
