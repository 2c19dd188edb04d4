"""Reading the frames of a recording by number: a video, a folder of images, or a folder in a zip.

Reading is sequential and holds one frame at a time, so memory does not grow with the length of the
recording. A video's frames are numbered from 0 in the order they decode; seeking and the
container's frame count are not trusted, for both are wrong in real files. Images carry their
number in their name (``7.jpg``, ``007.jpg`` and ``0007.jpg`` are all frame 7).
"""

import posixpath
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from facs3d.errors import InputError

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})


class StoredImage(NamedTuple):
    """An encoded image on disk: its path for people, its size in bytes, and how to get them."""

    name: str
    size: int
    read: Callable[[], bytes]


def read_frames(
    path: str | Path, numbers: Collection[int] | None = None
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield ``(number, image)`` in ascending order of number; image (H, W, 3) uint8, BGR.

    ``path`` is a video file, a folder of images, or a folder inside a zip written as if the zip
    were a folder (``2D+3D/F001.zip/T1``; the last part names the innermost folder, wherever it
    lies in the zip). ``numbers`` restricts what is yielded, and reading ends after the largest;
    numbers the recording does not have are left out silently. Gray, RGBA and 16-bit images become
    8-bit BGR; a video's rotation flag is applied.

    Raises :class:`InputError` for a path that is nothing of these, for a folder whose images do
    not have one number each, and for an image or video that cannot be decoded. A video that is
    shorter than its container says gives a warning.
    """
    path = Path(path)
    wanted = None if numbers is None else frozenset(numbers)
    with stored_images(path) as images:
        if images is None:
            for number, _milliseconds, image in decode_video(path, wanted):
                yield number, image
            return
        for number, stored in images.items():
            if wanted is None or number in wanted:
                yield number, _decode(stored)


@contextmanager
def stored_images(path: str | Path) -> Iterator[dict[int, StoredImage] | None]:
    """The images of a folder, or of one inside a zip, by ascending number; None for a video file.

    A zip stays open for reading them while the context lasts. Raises as :func:`read_frames` does.
    """
    path = Path(path)
    try:
        if path.is_dir():
            files = (
                StoredImage(str(file), file.stat().st_size, file.read_bytes)
                for file in path.iterdir()
                if _is_image(file.name)
            )
            yield _by_number(path, files)
            return
        archive = next((part for part in (path, *path.parents) if part.is_file()), None)
        if archive is None:
            raise InputError(f"{path}: no such video file, image folder or folder inside a zip")
        if archive.suffix.lower() == ".zip":
            with _open_zip(archive) as opened:
                yield _zip_images(opened, archive, path.relative_to(archive).parts)
        elif archive == path:
            yield None
        else:
            raise InputError(f"{path}: {archive.name} is a file, neither a folder nor a zip")
    except PermissionError as error:
        raise InputError(f"{error.filename or path}: may not be read") from error


def decode_video(
    path: Path, wanted: frozenset[int] | None = None
) -> Iterator[tuple[int, float, np.ndarray]]:
    """Yield ``(number, milliseconds, image)`` of a video file's frames, as :func:`read_frames`."""
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise InputError(f"{path}: a single image, not a video; give the folder that holds it")
    # FFmpeg by name: other backends would take a name with digits for an image sequence. One
    # thread, because a job of the workflow has one core.
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    try:
        if not capture.isOpened():
            found = "an empty file" if path.stat().st_size == 0 else "not a video FFmpeg can read"
            raise InputError(f"{path}: {found}; copy it again, or leave this video out")
        # Off in some builds; a telephone's upright video would come lying on its side.
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        last = None if wanted is None else max(wanted, default=-1)
        for number in count():
            if last is not None and number > last:
                return
            if not capture.grab():
                break
            if wanted is None or number in wanted:
                decoded, image = capture.retrieve()
                if not decoded:
                    raise InputError(f"{path}: frame {number} cannot be decoded; copy it again")
                yield number, capture.get(cv2.CAP_PROP_POS_MSEC), image
        if number == 0:
            raise InputError(f"{path}: no frame can be decoded; copy the video again")
        declared = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        if number < declared:
            warnings.warn(
                f"{path}: {number} frames could be decoded, its header says {declared}; if it is "
                "damaged in the middle, later frames carry too small a number",
                stacklevel=2,
            )
    finally:
        capture.release()


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise InputError(f"{path}: not a readable zip ({error}); copy it again") from error


def _zip_images(
    archive: zipfile.ZipFile, path: Path, folder: tuple[str, ...]
) -> dict[int, StoredImage]:
    # Plain text, not paths: a subject's zip lists tens of thousands of entries, read by every job.
    inside = "/".join(folder)
    folders: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for info in archive.infolist():
        parent, _, name = _entry_name(path, info).rpartition("/")
        if _is_image(name) and f"/{parent}".endswith(f"/{inside}" if inside else ""):
            folders.setdefault(parent, {})[name] = info
    if len(folders) != 1:
        found = ", ".join(sorted(folders)[:3]) or "none"
        raise InputError(
            f"{path}: expected one folder of images{f' named {inside}' if inside else ''}, "
            f"found {found}; name it in full after the zip's name"
        )
    (chosen, images), *_ = folders.items()
    place = path / chosen
    return _by_number(
        place,
        (
            StoredImage(f"{place}/{name}", info.file_size, _entry_reader(archive, info))
            for name, info in images.items()
        ),
    )


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


def _entry_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return archive.read(info)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise InputError(
                f"{archive.filename}: entry {info.filename!r} is damaged ({error}); copy it again"
            ) from error

    return read


def _by_number(folder: Path, files: Iterable[StoredImage]) -> dict[int, StoredImage]:
    images: dict[int, StoredImage] = {}
    for file in files:
        name = posixpath.basename(file.name)
        stem = posixpath.splitext(name)[0]
        if re.fullmatch("[0-9]+", stem) is None:
            raise InputError(
                f"{file.name}: the name of a frame's image must be its number, such as 0007.jpg"
            )
        if int(stem) in images:
            other = posixpath.basename(images[int(stem)].name)
            raise InputError(f"{folder}: {other} and {name} both are frame {int(stem)}; remove one")
        images[int(stem)] = file
    if not images:
        raise InputError(
            f"{folder}: no images ({', '.join(sorted(IMAGE_SUFFIXES))}) in this folder"
        )
    return dict(sorted(images.items()))


def _is_image(name: str) -> bool:
    """Whether the suffix is an image's; hidden files (macOS's ``._7.jpg``) are not."""
    return posixpath.splitext(name)[1].lower() in IMAGE_SUFFIXES and not name.startswith(".")


def _decode(stored: StoredImage) -> np.ndarray:
    encoded = np.frombuffer(stored.read(), dtype=np.uint8)
    image = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if image is None:
        found = "damaged or not an image" if encoded.size else "an empty file"
        raise InputError(f"{stored.name}: {found}; copy it again")
    return image
