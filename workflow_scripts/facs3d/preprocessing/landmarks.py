"""Finding facial landmarks: FaceMesh's 468 points in an image.

FaceMesh is the dense landmarker of MediaPipe 0.10.21, whose wheel carries its models. It stands
for the paper's ZFace (Sec. IV-A.1), which is not public; the authors' own later toolbox, PyAFAR,
moved to it too. What the points mean is in :mod:`facs3d.preprocessing.face_mesh`.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType, TracebackType
from typing import Any, TypeGuard

import cv2
import numpy as np

from facs3d.preprocessing.alignment import RegistrationSettings, similarity
from facs3d.preprocessing.face_mesh import eye_centres, inter_ocular_distance
from facs3d.preprocessing.following import (
    FaceBox,
    change_of_person,
    nearest_box,
    only,
    rank,
    returned,
)

PRESENCE = "facelandmarkcpu__face_presence_score"
"""FaceMesh's own log-odds that its crop holds a face; MediaPipe computes them and gives them to
nobody who doesn't ask."""

REDETECTION_DISTANCE = 0.1
"""Eye movement from one frame to the next, as a share of the inter-ocular distance, from which a
face is looked for afresh. FaceMesh looks where the face was; after a cut its crop slides from
there to the new face over several frames, with landmarks that are wrong meanwhile."""

RETURN_WITHIN = 250
"""Frames with a face during which the person before is taken back where they were: ten seconds."""
ORIENTATION_EVERY = 25
"""Frames from one look at whether a face is upside down to the next: 5 ms each, 3 % of the time."""
WIDE = RegistrationSettings(image_size=200, inter_ocular_distance=24)
"""A registered face so small that it is whole in the image even where the landmarks are upside
down."""


class FaceLandmarker:
    """Finds the landmarks of one person's face, frame after frame; a context manager.

    The largest face is chosen where none is followed. It is then followed from frame to frame, and
    looked for afresh, near where it was first, where it is lost or leaps (a cut, frames left out).
    A larger face elsewhere doesn't take over while it is there; a person who was hidden for a while
    does, in their old place.
    """

    def __init__(self) -> None:
        with _quiet_stderr():
            self._mesh = _scored_face_mesh(max_num_faces=1)
            # Its threads start, and talk, on their own time; a result means that they are done.
            self._mesh.process(np.zeros((64, 64, 3), np.uint8))
            self._detector = _import_solution("face_detection").FaceDetection()
            self._detector.process(np.zeros((64, 64, 3), np.uint8))
        self._previous: np.ndarray | None = None
        self._last_seen: np.ndarray | None = None
        self._hidden: np.ndarray | None = None
        self._wait = 0
        self.confidence: float | None = None
        """How sure FaceMesh was of the face it found last, from 0 to 1."""
        self.person = 0
        """Number of the person whose face was found last, from 1; one more at every change."""
        self.change = ""
        """What speaks for a change of person at the face found last; empty if nothing does."""
        self.upside_down = False
        """Whether the person was seen upside down when that was looked at last."""
        self._until_turned = 0

    def detect(self, image: np.ndarray) -> np.ndarray | None:
        """Landmarks of (H, W, 3) uint8 BGR ``image``: (468, 3) float32, or None without a face.

        x and y are in px of the image, a pixel's centre at whole numbers; z, in the same scale,
        grows away from the camera. A face whose eyes are not in the image counts as none.
        """
        rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        landmarks = None if self._previous is None else self._look(rgb)
        if self._previous is None or landmarks is None or _leapt(self._previous, landmarks):
            landmarks = self._choose(rgb)
        if landmarks is not None and not _eyes_in_image(landmarks, rgb.shape):
            landmarks = None
        if landmarks is not None and self._hidden is not None:
            landmarks = self._return(rgb, landmarks, self._hidden)
        self._previous = landmarks
        if landmarks is not None:
            self._note_person(landmarks)
            self._note_orientation(image, landmarks)
        return landmarks

    def find_faces(self, image: np.ndarray) -> list[FaceBox]:
        """The faces in a (H, W, 3) uint8 BGR ``image``, by the detector for faces within 2 m of
        the camera; small ones far behind are not seen. About 1 ms, half as long as
        :meth:`detect`, whose following of a face it leaves alone."""
        return self._find(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))

    def _note_person(self, landmarks: np.ndarray) -> None:
        seen, self._last_seen = self._last_seen, landmarks
        self.change = "" if seen is None else change_of_person(seen, landmarks)
        if seen is None or self.change:
            self.person += 1
            self._until_turned = 0
        if self.change:
            back = self._hidden is not None and not change_of_person(self._hidden, landmarks)
            self._hidden, self._wait = None if back else seen, RETURN_WITHIN

    def _note_orientation(self, image: np.ndarray, landmarks: np.ndarray) -> None:
        """Look, every now and then, whether the detector is surer of the face if it is turned
        over: FaceMesh's landmarks are upright on either, with a roll near 0."""
        if self._until_turned == 0:
            self._until_turned = ORIENTATION_EVERY
            side = WIDE.image_size
            wide = cv2.warpAffine(
                image, similarity(landmarks, WIDE), (side, side), borderMode=cv2.BORDER_REPLICATE
            )
            rgb = cv2.cvtColor(wide, cv2.COLOR_BGR2RGB)
            self.upside_down = self._score(cv2.rotate(rgb, cv2.ROTATE_180)) > self._score(rgb)
        self._until_turned -= 1

    def _score(self, rgb: np.ndarray) -> float:
        found = self._detector.process(rgb).detections or ()
        return max((float(face.score[0]) for face in found), default=0.0)

    def _choose(self, rgb: np.ndarray) -> np.ndarray | None:
        """The followed person's face where it is still there, else the largest.

        FaceMesh takes the face of which its detector is surest. Where that is another than it
        should be, the others are painted over while it looks."""
        surest = self._search(rgb, rgb)
        boxes = self._find(rgb)
        if len(boxes) < 2:
            return surest
        for tried, box in enumerate(rank(boxes, self._previous)):
            if _is_of(surest, box, boxes):
                found = self._search(rgb, rgb) if tried else surest
            else:
                found = self._search(only(box, boxes, rgb), rgb)
            if _is_of(found, box, boxes) and _eyes_in_image(found, rgb.shape):
                return found
        return None

    def _return(
        self, rgb: np.ndarray, landmarks: np.ndarray, hidden: np.ndarray
    ) -> np.ndarray | None:
        """The landmarks of the person last seen as ``hidden``, if a face no smaller than the
        followed one is there again, else the given ones."""
        self._wait -= 1
        boxes = self._find(rgb)
        box = returned(boxes, landmarks, hidden)
        if box is None:
            if self._wait == 0:
                self._hidden = None
            return landmarks
        found = self._search(only(box, boxes, rgb), rgb)
        if _is_of(found, box, boxes) and _eyes_in_image(found, rgb.shape):
            return found
        self._hidden = None
        return self._choose(rgb)

    def _search(self, painted: np.ndarray, rgb: np.ndarray) -> np.ndarray | None:
        """Find a face with no memory of earlier frames, by detector in ``painted``, then around its
        landmarks in ``rgb``: the second look, which all later frames get, is more exact than one by
        the detector's box."""
        with _quiet_stderr():
            self._mesh.reset()
            found = self._look(painted) is not None
        return self._look(rgb) if found else None

    def _find(self, rgb: np.ndarray) -> list[FaceBox]:
        scale = np.array(rgb.shape[1::-1], np.float64)
        boxes = []
        for found in self._detector.process(rgb).detections or ():
            place = found.location_data
            box, points = place.relative_bounding_box, place.relative_keypoints
            right_eye, left_eye, _nose, mouth = (scale * (p.x, p.y) - 0.5 for p in points[:4])
            boxes.append(
                FaceBox(
                    corner=scale * (box.xmin, box.ymin),
                    sides=scale * (box.width, box.height),
                    eyes=np.array([right_eye, left_eye]),
                    mouth=mouth,
                )
            )
        return boxes

    def _look(self, rgb: np.ndarray) -> np.ndarray | None:
        found = self._mesh.process(rgb)
        faces = found.multi_face_landmarks
        if not faces:
            return None
        self.confidence = float(1 / (1 + np.exp(-getattr(found, PRESENCE))))
        height, width = rgb.shape[:2]
        points = np.array([(point.x, point.y, point.z) for point in faces[0].landmark])
        points *= (width, height, width)
        points[:, :2] -= _sampling_offset(points[:, :2])
        return points.astype(np.float32)

    def __enter__(self) -> "FaceLandmarker":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._mesh.close()
        self._detector.close()


def _sampling_offset(points: np.ndarray) -> np.ndarray:
    """How far (x, y in px) FaceMesh's ``points`` lie right and down of the truth, by the face.

    The network sees the face as a square of 192 px, levelled by the eyes' outer corners, whose
    side is 1.5 times the longer side of the landmarks' box. MediaPipe's CPU code maps that
    square's corners onto the corner pixels' centres instead of their outer edges, half an input
    pixel off: 1.1 % of the eye distance, seen as a landmark's mean of a picture and its mirror
    image.
    """
    level = points[263] - points[33]
    level /= np.hypot(*level)
    downward = np.array([-level[1], level[0]])
    return (level + downward) * 0.5 * 1.5 * np.ptp(points, axis=0).max() / 192


def _is_of(
    landmarks: np.ndarray | None, box: FaceBox, boxes: Sequence[FaceBox]
) -> TypeGuard[np.ndarray]:
    """Whether the landmarks are there, and of that box rather than of another."""
    if landmarks is None:
        return False
    return nearest_box(boxes, eye_centres(landmarks).mean(axis=0)) is box


def _leapt(before: np.ndarray, now: np.ndarray) -> bool:
    movement = np.linalg.norm(eye_centres(now) - eye_centres(before), axis=1).max()
    return bool(movement > REDETECTION_DISTANCE * inter_ocular_distance(before))


def _eyes_in_image(landmarks: np.ndarray, shape: tuple[int, ...]) -> bool:
    centres = eye_centres(landmarks)
    return bool((centres >= 0).all() and (centres <= (shape[1] - 1, shape[0] - 1)).all())


def _scored_face_mesh(**options: Any) -> Any:
    """A ``FaceMesh`` whose results have :data:`PRESENCE` too."""

    class ScoredFaceMesh(_import_solution("face_mesh").FaceMesh):  # type: ignore[misc]  # found at run time
        def _initialize_graph_interface(
            self, graph: Any, side_inputs: Any, outputs: Any, *more: Any
        ) -> Any:
            return super()._initialize_graph_interface(
                graph, side_inputs, [*outputs, PRESENCE], *more
            )

    return ScoredFaceMesh(**options)


def _import_solution(solution: str) -> ModuleType:
    """A module of MediaPipe's, such as ``face_mesh``, without the rest of MediaPipe.

    The ``__init__`` of ``mediapipe`` and of ``mediapipe.python.solutions`` import every solution,
    the tasks API and with them matplotlib: 0.65 s against 0.13 s, in every one of hundreds of
    jobs. Here these two run only when somebody asks for an attribute that they define.
    """
    for name in ("mediapipe", "mediapipe.python.solutions"):
        if name not in sys.modules:
            _import_on_demand(name)
    return importlib.import_module(f"mediapipe.python.solutions.{solution}")


def _import_on_demand(name: str) -> None:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module, execute = importlib.util.module_from_spec(spec), spec.loader.exec_module

    def run_and_get(attribute: str) -> object:
        del module.__getattr__
        execute(module)
        return getattr(module, attribute)

    module.__getattr__ = run_and_get  # type: ignore[method-assign]  # PEP 562
    sys.modules[name] = module


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Drop what C++ libraries write to stderr, past Python's ``sys.stderr``.

    TFLite and absl greet every start with four lines that look like faults and obey no setting.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
