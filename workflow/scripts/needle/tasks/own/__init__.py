"""A user's own pictures: folders named as classes, or a list of path and label.

`listing` says what a path holds without opening a picture (`lists` reads those of files), `splits`
cuts train, val, test and folds, `prepare` does it all and decodes.
Whatever is wrong is a `Problem`: noted and worked round, or refused together with all others.

Begin with `prepare(path, seed, resize)`, which gives splits, classes and problems.
"""
