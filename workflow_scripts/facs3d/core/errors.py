"""The one kind of error a user can cause, and the one that a machine does."""

NO_MEMORY = ("can't allocate memory", "out of memory", "Failed to allocate", "Insufficient memory")
"""How PyTorch on the CPU, PyTorch on a GPU, and OpenCV say that there is no memory left."""


class InputError(Exception):
    """A fault in what the user supplied.

    The message is one sentence or two: where (file, line or field), what was found, what was
    expected, and what to do.
    """


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, in the words of Python, NumPy, PyTorch or OpenCV."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in NO_MEMORY)
