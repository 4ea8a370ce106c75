"""Upstream models: architectures, checkpoints and their training."""
