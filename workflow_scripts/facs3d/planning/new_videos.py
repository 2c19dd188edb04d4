"""Which videos a user wants AUs for, what their results are called, and the networks for them.

The workflow reads this module before it has an environment, so it imports the standard library
only.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from facs3d.core.errors import InputError

SUFFIXES = ".3gp .avi .m4v .mkv .mov .mp4 .mpeg .mpg .mts .ogv .webm .wmv"
"""What counts as a video in a folder; a file that is named itself may have any."""


def find_new_videos(place: str | None) -> dict[str, Path]:
    """Name -> file of each video: ``place`` itself, or all videos that lie in that folder.

    A name is the file's without its suffix; what is neither letter, digit, ``-``, ``_`` nor ``.``
    becomes ``_``. Raises :class:`InputError` if nothing is given or found, or two names are equal.
    """
    if not place:
        raise InputError(
            "predict: no video given; add --config input=my_video.mp4 (or a folder of videos)"
        )
    path = Path(place).expanduser()
    if not path.exists():
        raise InputError(f"predict: input {place} does not exist; give a video or a folder")
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if _is_video(file))
    if not files:
        raise InputError(
            f"predict: no video ({SUFFIXES}) in the folder {place}; its subfolders are not searched"
        )
    videos: dict[str, Path] = {}
    for file in files:
        name = re.sub(r"[^\w.-]+", "_", file.stem)
        if name in videos:
            raise InputError(
                f"predict: {videos[name].name} and {file.name} would both give {name}.aus.csv; "
                "rename one"
            )
        videos[name] = file
    return videos


def check_results(videos: Mapping[str, Path], folder: Path) -> None:
    """Raise :class:`InputError` if results in ``folder`` are of another video of the same name."""
    for name, video in videos.items():
        provenance = folder / f"{name}.aus.json"
        if provenance.exists():
            before = Path(json.loads(provenance.read_text("utf-8"))["video"])
            if before.expanduser().resolve() != video.resolve():
                raise InputError(
                    f"predict: {provenance} is of another video, {before}; rename {video.name}, or "
                    f"move the results {name}.* away"
                )


def check_networks(paths: Iterable[Path]) -> None:
    """Raise :class:`InputError` if one of the weights files to be applied is not there."""
    for path in paths:
        if not path.exists():
            raise InputError(
                f"predict: no trained network {path}; train it (run the pipeline), put one there, "
                "or name others by predict.model and predict.folds"
            )


def _is_video(file: Path) -> bool:
    """Hidden files (macOS's ``._film.mov``) are none."""
    return (
        file.suffix.lower() in SUFFIXES.split() and not file.name.startswith(".") and file.is_file()
    )
