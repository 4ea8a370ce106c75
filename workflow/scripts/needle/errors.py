"""Errors as an interface: one line that says what is wrong, where, and what to do."""

import sys


class NeedleError(Exception):
    """A mistake that the user can mend; its text is one line, or one and a list."""


def run(main):
    """Run a program's `main`; a `NeedleError` ends it with its one line and status 1."""
    try:
        main()
    except NeedleError as error:
        sys.exit(f"error: {error}")
