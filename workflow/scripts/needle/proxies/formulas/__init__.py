"""One proxy a file, with a function ``score(embeddings, ...) -> float``.

Further arguments are the settings that the config may change, and ``seed`` where something is
drawn. `linear` has a program of its own, since its runs have repeats and learning rates.
"""
