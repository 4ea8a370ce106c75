"""VTAB-1K: the 19 tasks from their original files, with the benchmark's own splits."""
