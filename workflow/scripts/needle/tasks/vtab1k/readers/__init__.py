"""One module for each original data set."""
