"""Proxies: scores that frozen embeddings give a model on a task, higher for a better one.

Each is one file in a folder of `formulas`; these are the list (`registry`). Takes `Embeddings`;
gives rows repeat, learning_rate, value, seconds, reason (`rows`). One without a value says why: it
raises `NoScoreError`.

Begin with `proxy_row(name, embeddings, settings, seed)`.
"""
