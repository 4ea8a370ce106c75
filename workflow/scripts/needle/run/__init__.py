"""What a config asks for, read and checked before any work.

`read_run(config, schemas)` gives a `Run`: its kind (benchmark, finished scores, own images, own
embeddings), models, tasks and proxies, or one line that says what is wrong. The Snakefile is its
only caller. `named_files` finds the files that a config names, `progress` tells how far jobs are,
`pool_choice` which config suits a user's pictures.
"""
