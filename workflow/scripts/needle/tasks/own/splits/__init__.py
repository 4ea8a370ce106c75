"""Which pictures are train, val and test: what the user says, cuts, whole groups, and folds."""
