"""Which models a pool has."""
