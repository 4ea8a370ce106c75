"""Warnings of one package neither show nor become errors while threads are at work."""

import threading
import warnings


class Quiet:
    """A context manager that ignores warnings, whatever filters the program has set.

    Filters belong to the process, so that threads must not each set and restore them: the first
    that enters sets them, the last that leaves restores them.

    Parameters
    ----------
    module : str
        Regular expression that the names of the warning modules begin with.
    """

    def __init__(self, module):
        self._module = module
        self._lock = threading.Lock()
        self._inside = 0

    def __enter__(self):
        with self._lock:
            if self._inside == 0:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=self._module)
            self._inside += 1

    def __exit__(self, *error):
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._filters.__exit__(*error)
