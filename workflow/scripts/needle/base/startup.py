"""Starting a job quickly."""

import contextlib
import gc


@contextlib.contextmanager
def no_garbage_collection():
    """Import a large library without looking for garbage, of which imports make none.

    With torch and timm, embedding a task of `mini` takes 2.8 instead of 3.4 processor seconds.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
