"""Proxies: scores that frozen embeddings give a model on a task."""
