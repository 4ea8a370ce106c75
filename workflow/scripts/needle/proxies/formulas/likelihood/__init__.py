"""Probabilities that a model of the features gives the training labels, and bounds on them."""
