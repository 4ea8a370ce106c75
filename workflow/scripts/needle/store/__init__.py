"""Results of finished runs, kept as a plain tree of small files that git and people read.

`read_store(folder)` gives an `Entry` for each run in it, checked: cards of models, tasks and
protocols, and a row for each value. `rows_of(entries)` is all of them as one table. `recall` makes
of them what a strategy may know of a pool, whose models it finds by their weights, or else by name.

A run gets in by `collect`, `grow` (which finds conflicts) and `write_entry`; `layout` says where
things lie, `cards` what the YAML files say, docs/store.md both.
"""
