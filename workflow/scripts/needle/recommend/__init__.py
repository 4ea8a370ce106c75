"""Recommending a model for the images of a user."""
