"""Data of the user's own: found, checked, split, and decoded once."""
