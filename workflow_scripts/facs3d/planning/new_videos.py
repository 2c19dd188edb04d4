"""Which videos a user wants AUs for, what their results are called, and the networks for them.

The workflow reads this module before it has an environment, so it imports the standard library
only.
"""

import hashlib
import json
import os
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from facs3d.core.csv_text import first_few
from facs3d.core.errors import InputError
from facs3d.video.file_names import VIDEO_SUFFIXES, fingerprint, is_image, is_video, repeats_itself

LONGEST = 120
"""Bytes of a name; file systems take 255, of which suffixes and temporary names need some."""


def find_new_videos(places: str | Sequence[str] | None) -> dict[str, Path]:
    """Name -> file of each video: the ``places`` themselves, or all in those folders and their
    subfolders. A folder that holds images and no video is one recording.

    The names are those of results (:func:`result_names`). Raises :class:`InputError` if nothing is
    given or found.
    """
    if not places:
        raise InputError(
            "predict: no video given; add --config input=my_video.mp4 (or a folder of videos)"
        )
    if isinstance(places, str) or len(places) == 1:
        return result_names(_files_in(places if isinstance(places, str) else places[0]))
    files = [file.absolute() for place in places for file in _files_in(place).values()]
    common = Path(os.path.commonpath([file.parent for file in files]))
    return result_names({file.relative_to(common).as_posix(): file for file in files})


def check_as_typed(place: object, arguments: Sequence[str]) -> None:
    """Raise :class:`InputError` if Snakemake's ``--config`` has read ``input=…`` of the command
    line's ``arguments`` as something else than that text, for it reads YAML: ``007`` is a number,
    and what follows a ``#`` a comment."""
    for argument in arguments:
        name, _, typed = argument.partition("=")
        if name == "input" and typed not in ("", place):
            raise InputError(
                f"predict: --config reads input={typed} as {place!r}; use "
                f"`python workflow_scripts/predict.py {shlex.quote(typed)}`, which takes any name"
            )


def _files_in(place: str) -> dict[str, Path]:
    path = Path(place).expanduser()
    if not path.exists():
        raise InputError(f"predict: input {place} does not exist; give a video or a folder")
    if not path.is_dir():
        return {path.name: path}
    files = _recordings(_visible_files(path))
    if not files:
        raise InputError(
            f"predict: no video ({' '.join(VIDEO_SUFFIXES)}) or image in the folder {place}"
        )
    return {
        path.name if file == path else file.relative_to(path).as_posix(): file
        for file in sorted(files)
    }


def _recordings(visible: Sequence[Path]) -> list[Path]:
    """The videos among a folder's files, and its folders that hold images and no video."""
    files = [file for file in visible if is_video(file)]
    with_video = {file.parent for file in files}
    return [*files, *({file.parent for file in visible if is_image(file)} - with_video)]


def result_names(files: Mapping[str, Path]) -> dict[str, Path]:
    """What each video's results are called, made safe for file systems, shells and Snakemake.

    ``files``: path as the user sees it -> file. A name is that path without its suffix, ``_`` for
    all but letters, digits, ``-``, ``_`` and ``.``. Where that has no letter or digit, is long,
    repeats itself (Snakemake takes such a wildcard for a runaway rule) or is another video's too,
    digits that stand for the whole path follow.
    """
    plain = {path: _plain_name(path) for path in files}
    # File systems may not tell capitals from small letters.
    counts = Counter(name.casefold() for name in plain.values())
    return {
        name if counts[name.casefold()] == 1 and _is_good(name) else _marked(name, path): file
        for (path, name), file in zip(plain.items(), files.values(), strict=True)
    }


def _plain_name(path: str) -> str:
    name = re.sub(r"[^\w.-]+", "_", str(PurePosixPath(path).with_suffix("")).replace("/", "_"))
    return name.lstrip("-.")


def _is_good(name: str) -> bool:
    short = len(name.encode()) <= LONGEST and not repeats_itself(name)
    return short and re.search(r"[^\W_]", name) is not None


def _marked(name: str, path: str) -> str:
    digits = hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
    short = name.encode()[: LONGEST - 9].decode(errors="ignore")
    return f"{short}-{digits}".lstrip("-")


def replaced_videos(videos: Mapping[str, Path], folder: Path) -> list[str]:
    """The names of videos in whose place another recording lies than the one that the results in
    ``folder`` are of; :class:`InputError` if those are of another video of the same name."""
    replaced = []
    for name, video in videos.items():
        provenance = folder / f"{name}.aus.json"
        if provenance.exists():
            before, content = _predicted(provenance)
            if content != fingerprint(video):
                replaced.append(name)
            if before.expanduser().resolve() != video.resolve():
                raise InputError(
                    f"predict: {provenance} is of another video, {before}; rename {video.name}, or "
                    f"move the results {name}.* away"
                )
    return replaced


def _predicted(provenance: Path) -> tuple[Path, object]:
    """The video that was predicted, and its fingerprint."""
    try:
        facts = json.loads(provenance.read_text("utf-8"))
        return Path(facts["video"]), facts.get("content")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"predict: {provenance} does not say which video it is of ({error}); delete it, and "
            "the video is predicted anew"
        ) from error


def check_networks(paths: Iterable[Path], named: str | None = None) -> None:
    """Raise :class:`InputError` if one of the weights files to be applied is not there; ``named``:
    the one in the config, if it names one."""
    for path in paths:
        if not path.is_file() and named:
            raise InputError(
                f"predict: predict.weights is {named}, but no such file is in the working "
                "directory or beside the workflow; put it there, name another, or set it to null "
                "for the networks of this dataset's results"
            )
        if not path.exists():
            raise InputError(
                f"predict: no trained network {path}; train it (run the pipeline), put one there, "
                "or name others by predict.model and predict.folds"
            )


def describe_passed_over(places: str | Sequence[str]) -> str:
    """A line on the files in the folders among ``places`` that are not predicted, being neither
    videos by their suffix nor images of a recording; empty if there are none."""
    places = [places] if isinstance(places, str) else places
    folders = [Path(place).expanduser() for place in places]
    others = []
    for folder in filter(Path.is_dir, folders):
        visible = _visible_files(folder)
        used = set(_recordings(visible))
        others += [
            str(file)
            for file in visible
            if file not in used and not (is_image(file) and file.parent in used)
        ]
    if not others:
        return ""
    said = "files passed over, being no videos by their suffix"
    return f"note: {len(others)} {said}: {first_few(others)}\n"


def _visible_files(folder: Path) -> list[Path]:
    """All but hidden ones (macOS's ``._film.mov``) and those in hidden folders, sorted; links
    are followed."""
    files: list[Path] = []
    seen: set[str] = set()
    for root, folders, names in os.walk(folder, followlinks=True):
        # A link may lead back to a folder above.
        if (place := os.path.realpath(root)) in seen:
            folders.clear()
            continue
        seen.add(place)
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(root, name) for name in names if not name.startswith(".")]
    return sorted(file for file in files if file.is_file())
