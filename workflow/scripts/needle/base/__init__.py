"""What every room shares; nothing here knows of models or tasks.

Errors are one line for the user (`errors`). Files appear whole or not at all (`files`): safetensors
with a card in their metadata (`tensors`), tidy CSV (`csv_files` writes, `run_tables` reads). Every
draw has a seed of its own name (`seeds`). `schema` reads YAML and checks it, `code` finds which
modules a program imports, so that Snakemake runs again what a change touches. `measures` are what
classifiers are measured by.

Begin with `NeedleError`, `run`, `atomic`, `write_rows`, `read_table`, `derive_seed`.
"""
