"""The one kind of error a user can cause."""


class InputError(Exception):
    """A fault in what the user supplied.

    The message is one sentence or two: where (file, line or field), what was found, what was
    expected, and what to do.
    """
