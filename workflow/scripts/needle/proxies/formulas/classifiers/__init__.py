"""Accuracies of cheap classifiers on the validation images."""
