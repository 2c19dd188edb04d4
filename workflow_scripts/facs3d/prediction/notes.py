"""What the notes of a table of AUs are about: their kinds, for pictures and counts.

The words are written where the matter is found: :mod:`facs3d.preprocessing.registration`,
:mod:`.face_quality`, :mod:`.following` and :mod:`facs3d.video.remarks`, and in this room
:mod:`.frame_times` and :mod:`.predict`.
"""

import re
from collections.abc import Iterable, Mapping

import numpy as np

KINDS = {
    "turned away": "face turned away:",
    "not decoded": "(frame missing:|.*(cannot be (decoded|read)|damaged or not|an empty file))",
    "change of person": "perhaps another person:",
    "several faces": r"\d+ faces,",
    "perhaps no face": "perhaps no face:",
    "small": "small:",
    "blurred": "blurred:",
    "dark": "(dark:|no face: nearly black)",
    "bright": "bright:",
    "on its side": "on its side:",
    "upside down": "upside down:",
    "unusual spacing": r"[\d.]+ s apart in the clip",
    "short clip": r"clip of \d+ filled",
    "time mended": "(time interpolated|time by the frame|the timestamps restart)",
    "kind of picture": r"(interlaced|HDR|one of \d+ picture tracks)",
}
"""Kind -> how a part of such a note begins (regular expression)."""
OTHER = "other"
SECONDARY = ("no face", "times go on", "copy it again")
"""How parts begin that are no kind of their own; that a frame has no face its empty cells say."""
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in KINDS.items()}


def kinds_of(note: str) -> list[str]:
    """The kinds of a note's parts, in the order of :data:`KINDS`; :data:`OTHER` for what is none of
    them."""
    parts = note.split("; ") if note else []
    found = {kind for part in parts for kind in [_kind(part)] if kind}
    return [kind for kind in (*KINDS, OTHER) if kind in found]


def _kind(part: str) -> str:
    for kind, pattern in _PATTERNS.items():
        if pattern.match(part):
            return kind
    return "" if part.startswith(SECONDARY) else OTHER


def marked(notes: Iterable[str]) -> dict[str, np.ndarray]:
    """Kind -> mask (N,) bool of the frames whose note is of it, for the kinds that occur."""
    known: dict[str, list[str]] = {}
    places: dict[str, list[int]] = {}
    count = 0
    for count, note in enumerate(notes, 1):
        for kind in known.setdefault(note, kinds_of(note)):
            places.setdefault(kind, []).append(count - 1)
    masks = {}
    for kind in filter(places.__contains__, (*KINDS, OTHER)):
        masks[kind] = np.zeros(count, bool)
        masks[kind][places[kind]] = True
    return masks


def counted(masks: Mapping[str, np.ndarray]) -> str:
    """``{"dark": mask}`` -> ``"dark: 12"``, frames of each kind, for a cell."""
    return "; ".join(f"{kind}: {np.count_nonzero(mask)}" for kind, mask in masks.items())


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """The first and the last place of each run in a mask (N,) bool."""
    changes = np.flatnonzero(np.diff(np.concatenate(([0], mask, [0]))))
    return list(zip(changes[::2].tolist(), (changes[1::2] - 1).tolist(), strict=True))
