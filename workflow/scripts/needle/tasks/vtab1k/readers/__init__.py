"""One file for each data set: ``read(folder, task, counts)`` gives its examples by split."""
