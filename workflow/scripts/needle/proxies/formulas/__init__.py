"""One proxy a file, in a folder of its kind, with a function ``score(embeddings, ...) -> float``.

    classifiers   accuracies on the validation images
    likelihood    probabilities of the training labels, and bounds on them
    geometry      how far apart the classes of the training images lie
    pooled        parts of a sum that is taken over a pool of models

Further arguments are the settings that the config may change, and ``seed`` where something is
drawn. The linear ones have ``runs`` instead, and a program of their own, since they have repeats
and learning rates.
"""
