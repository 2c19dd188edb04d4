"""The size of a registered face's image, apart from what measures the face in it."""

from collections.abc import Iterable

from facs3d.core.errors import InputError


def size_problem(size: tuple[int, int], image_size: int) -> str:
    """What is wrong with an image of this width and height in px; empty if it is
    ``image_size`` px square."""
    if size == (image_size, image_size):
        return ""
    width, height = size
    return (
        f"the image is {width}×{height} px, expected {image_size}×{image_size} "
        "(registration.image_size)"
    )


def check_sizes(path: str, sizes: Iterable[tuple[int, int]], image_size: int) -> None:
    """Raise :class:`InputError` if any of ``sizes``, of images of the recording at ``path``, is
    wrong (:func:`size_problem`)."""
    for problem in filter(None, (size_problem(size, image_size) for size in sorted(sizes))):
        raise InputError(f"{path}: {problem}")
