"""Images stored one by one in a folder or a zip, and how their bytes become frames.

Images carry their number at the end of their name (``7.jpg``, ``007.jpg`` and ``frame_0007.jpg``
are all frame 7), and a recording's names differ in it alone.
"""

import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from facs3d.core.errors import InputError
from facs3d.video.file_names import IMAGE_SUFFIXES, is_image, is_video
from facs3d.video.image_heads import MAGIC, declared_size
from facs3d.video.limits import LIMITS, Limits, check_regular

BRIGHT_16_BIT = 1 << 14
"""What a 16-bit image must reach somewhere. Ten, 12 or 14 bits stored in 16 do not, and would come
out near-black; by which factor to brighten them, no single frame can tell."""
TASK_FOLDER = re.compile(r"(?:([A-Z]{1,3}[0-9]+)_)?T?0*([0-9]+)", re.IGNORECASE)
"""A task's folder in ``F001.zip``: ``T1``, ``t1``, ``01``, ``F001_T1`` and ``F001_01`` are one."""
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
"""All that reading a damaged, encrypted or oddly compressed zip raises."""


class StoredImage(NamedTuple):
    """An encoded image on disk: its path for people, its size in bytes, and how to get them.

    ``read_bytes(n)`` gives the first n bytes, or raises :class:`InputError`.
    ``limits`` hold for it.
    """

    name: str
    size: int
    read_bytes: Callable[[int], bytes]
    limits: Limits

    def read(self, n_bytes: int) -> bytes:
        """The first ``n_bytes``, all if -1; :class:`InputError` if there are too many."""
        if n_bytes < 0:
            self.limits.check_bytes(self.name, self.size)
            # A zip's entry may hold more than the zip says of it.
            n_bytes = self.size + 1
        return self.read_bytes(n_bytes)


@contextmanager
def open_images(path: Path, limits: Limits = LIMITS) -> Iterator[dict[int, StoredImage] | None]:
    """The images of a folder, or of one inside a zip, by ascending number, or a single image; None
    for a video file.

    A zip stays open for reading them while the context lasts. Raises :class:`InputError` as
    :func:`facs3d.video.frames.read_frames` does.
    """
    images: dict[int, StoredImage] | None
    try:
        if path.is_dir():
            files = list(path.iterdir())
            found = [_file_image(file, limits) for file in files if is_image(file)]
            if not found and any(map(is_video, files)):
                raise InputError(f"{path}: a folder; give each of its videos by itself")
            images = _by_number(path, found)
        else:
            images = _single_image(path, limits) if is_image(path) and path.is_file() else None
            archive = next((part for part in (path, *path.parents) if part.is_file()), None)
            if archive is None and path.exists():
                check_regular(path)
    except OSError as error:
        raise InputError(f"{error.filename or path}: cannot be read ({error.strerror})") from error
    if images is not None:
        yield images
    elif archive is None:
        raise InputError(f"{path}: no such video file, image folder or folder inside a zip")
    elif archive.suffix.lower() == ".zip":
        with _open_zip(archive) as opened:
            yield _zip_images(opened, archive, path.relative_to(archive).parts, limits)
    elif archive == path:
        yield None
    else:
        raise InputError(f"{path}: {archive.name} is a file, neither a folder nor a zip")


def _single_image(path: Path, limits: Limits) -> dict[int, StoredImage]:
    numbered = re.search("[0-9]{1,9}$", path.stem)
    return {int(numbered[0]) if numbered else 0: _file_image(path, limits)}


def image_problem(stored: StoredImage) -> str:
    """What is wrong with an image as far as its first bytes show; empty if nothing."""
    try:
        head = stored.read(8)
    except InputError as error:
        return str(error)
    if not head:
        return f"{stored.name}: an empty file; copy it again"
    return "" if head.startswith(MAGIC) else f"{stored.name}: damaged or not an image"


def decode_image(stored: StoredImage) -> np.ndarray:
    """The image (H, W, 3) uint8, BGR; :class:`InputError` if it cannot be decoded, or is larger
    than its limits by its head, which is looked at first.

    Of 16 bits the upper eight are kept; an image that does not use them is refused.
    """
    content = stored.read(-1)
    size = declared_size(content)
    if size is not None:
        stored.limits.check_pixels(stored.name, *size)
    encoded = np.frombuffer(content if size else b"", dtype=np.uint8)
    try:
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
        image = cv2.imdecode(encoded, flags) if encoded.size else None
    except cv2.error:
        image = None
    if image is None:
        found = "damaged or not an image" if content else "an empty file"
        raise InputError(f"{stored.name}: {found}; copy it again")
    if image.dtype != np.uint16:
        return image
    if image.max() < BRIGHT_16_BIT:
        raise InputError(
            f"{stored.name}: a 16-bit image whose largest value is {image.max()}, as if it held "
            "fewer bits; convert the recording to 8 bits, with one factor for all its frames"
        )
    return (image >> 8).astype(np.uint8)


def _file_image(path: Path, limits: Limits) -> StoredImage:
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    return StoredImage(str(path), size, partial(_read_file, path), limits)


def _read_file(path: Path, n_bytes: int) -> bytes:
    try:
        check_regular(path)
        with open(path, "rb") as file:
            return file.read(n_bytes)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except ZIP_ERRORS as error:
        raise InputError(f"{path}: not a readable zip ({error}); copy it again") from error


def _zip_images(
    archive: zipfile.ZipFile, path: Path, folder: tuple[str, ...], limits: Limits
) -> dict[int, StoredImage]:
    folders = _folders(archive, path)
    chosen = [name for name in folders if is_called(name, folder, path.stem)]
    if len(chosen) != 1:
        inside = "/".join(folder)
        found = ", ".join(name or "images in no folder" for name in sorted(chosen or folders)[:3])
        found = found if chosen or not folders else f"none among {found}"
        raise InputError(
            f"{path}: expected one folder of images{f' named {inside}' if inside else ''}, "
            f"found {found or 'none'}; name it in full after the zip's name, or unpack it"
        )
    place = path / chosen[0]
    return _by_number(
        place,
        (
            StoredImage(
                f"{place}/{posixpath.basename(_entry_name(path, info))}",
                info.file_size,
                partial(_read_entry, archive, info),
                limits,
            )
            for info in folders[chosen[0]]
        ),
    )


def zip_folders(path: Path) -> list[str]:
    """The folders of a zip that hold images, sorted; empty for those at its top.

    Raises :class:`InputError` if it cannot be read.
    """
    with _open_zip(path) as archive:
        return sorted(_folders(archive, path))


def _folders(archive: zipfile.ZipFile, path: Path) -> dict[str, list[zipfile.ZipInfo]]:
    # Plain text, not paths: a subject's zip lists tens of thousands of entries, read by every job.
    folders: dict[str, list[zipfile.ZipInfo]] = {}
    for info in archive.infolist():
        parent, _, name = _entry_name(path, info).rpartition("/")
        if is_image(name):
            folders.setdefault(parent, []).append(info)
    return folders


def is_called(name: str, folder: tuple[str, ...], zip_name: str) -> bool:
    """Whether a zip's folder ``name`` is the one that ``folder``, the last parts of a path, means.

    A task's folder may have any of the names of ``TASK_FOLDER``; another subject's is not meant.
    """
    inside = "/".join(folder)
    if f"/{name}".endswith(f"/{inside}" if inside else ""):
        return True
    tasks = []
    for text in (inside, posixpath.basename(name)):
        match = TASK_FOLDER.fullmatch(text)
        tasks.append(match and ((match[1] or zip_name).upper(), match[2]))
    return tasks[0] is not None and tasks[0] == tasks[1]


def _entry_name(archive: Path, info: zipfile.ZipInfo) -> str:
    """An entry's name with slashes, refused if it leads out of the archive or needs a password."""
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or name[1:2] == ":" or ".." in name.split("/"):
        raise InputError(
            f"{archive}: entry {info.filename!r} points outside the archive; get a clean copy"
        )
    if info.flag_bits & 0x1:
        raise InputError(
            f"{archive}: entry {info.filename!r} is encrypted; unpack the zip with its password "
            "and give the folder instead"
        )
    return posixpath.normpath(name) if "./" in name or "//" in name else name


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, n_bytes: int) -> bytes:
    try:
        with archive.open(info) as file:
            return file.read(n_bytes)
    except ZIP_ERRORS as error:
        raise InputError(
            f"{archive.filename}: entry {info.filename!r} is damaged ({error}); copy it again"
        ) from error


def _by_number(folder: Path, files: Iterable[StoredImage]) -> dict[int, StoredImage]:
    images: dict[int, StoredImage] = {}
    first: tuple[str, str] | None = None
    for file in files:
        name = posixpath.basename(file.name)
        numbered = re.fullmatch("(.*?)([0-9]+)", posixpath.splitext(name)[0])
        if numbered is None:
            raise InputError(
                f"{file.name}: the name of a frame's image must end in its number, such as "
                "0007.jpg or frame_0007.jpg"
            )
        first = first or (numbered[1], name)
        if numbered[1] != first[0]:
            raise InputError(
                f"{folder}: {first[1]} and {name} are named unlike; the images of one recording "
                "differ in their number alone, move the others away"
            )
        number = int(numbered[2])
        if number in images:
            other = posixpath.basename(images[number].name)
            twice = f"{name} is there twice" if name == other else f"{other} and {name}"
            raise InputError(f"{folder}: {twice}; both are frame {number}, remove one")
        images[number] = file
    if not images:
        raise InputError(
            f"{folder}: no images ({', '.join(sorted(IMAGE_SUFFIXES))}) in this folder"
        )
    return dict(sorted(images.items()))
