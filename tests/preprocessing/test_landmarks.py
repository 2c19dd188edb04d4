import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import KDTree
from scipy.spatial.transform import Rotation

from facs3d.preprocessing.face_mesh import (
    CANONICAL_FACE,
    INNER_FACE,
    LEFT_EYE,
    RIGHT_EYE,
    eye_centres,
    head_pose,
    inter_ocular_distance,
)
from facs3d.preprocessing.landmarks import FaceLandmarker
from tests.support.astronaut_video import EYES, blank, eye_error, frame, placement, portrait
from tests.support.scripts import run_code

MOST_ERROR = 0.03
"""In eye distances: 1 % from reading off the truth, the rest for the landmarker."""


# The mesh


def mirrored(indices) -> set[int]:
    """The vertices on the other side of the face, by the canonical face's symmetry."""
    partner = KDTree(CANONICAL_FACE).query(CANONICAL_FACE * (-1, 1, 1))[1]
    return set(partner[list(indices)].tolist())


def test_canonical_face_is_symmetric_and_looks_at_the_camera():
    assert CANONICAL_FACE.shape == (468, 3)
    assert KDTree(CANONICAL_FACE).query(CANONICAL_FACE * (-1, 1, 1))[0].max() == 0
    (right_x, eye_y), (left_x, _) = eye_centres(CANONICAL_FACE)
    nose_tip, chin = CANONICAL_FACE[4], CANONICAL_FACE[152]
    assert right_x < nose_tip[0] < left_x
    assert eye_y < nose_tip[1] < chin[1]
    assert nose_tip[2] < CANONICAL_FACE[[33, 263], 2].min()


def test_index_sets_are_mirror_images():
    assert mirrored(RIGHT_EYE) == set(LEFT_EYE)
    assert len(set(INNER_FACE)) == 49
    assert mirrored(INNER_FACE) == set(INNER_FACE)


@given(yaw=st.floats(-80, 80), pitch=st.floats(-80, 80), roll=st.floats(-170, 170))
def test_pose_of_a_turned_canonical_face(yaw, pitch, roll):
    """By scipy's rotations about fixed axes, in turn: right for pitch, down for yaw, away for roll.
    About the downward axis a positive angle turns the face to the image's left."""
    turn = Rotation.from_euler("xyz", [-pitch, -yaw, roll], degrees=True)
    pose = head_pose(turn.apply(CANONICAL_FACE) * 7.5 + (300, 200, -40))
    np.testing.assert_allclose(pose, (yaw, pitch, roll), atol=1e-6)


def test_signs_of_the_pose():
    nose = 4
    right = Rotation.from_euler("y", -30, degrees=True).apply(CANONICAL_FACE)
    assert right[nose, 0] > 1
    assert head_pose(right).yaw == pytest.approx(30)
    up = Rotation.from_euler("x", -30, degrees=True).apply(CANONICAL_FACE)
    assert up[nose, 1] < CANONICAL_FACE[nose, 1] - 1
    assert head_pose(up).pitch == pytest.approx(30)
    (_, right_eye_y), (_, left_eye_y) = eye_centres(
        Rotation.from_euler("z", 30, degrees=True).apply(CANONICAL_FACE)
    )
    assert right_eye_y < left_eye_y


# The finder


@pytest.fixture
def landmarker():
    with FaceLandmarker() as landmarker:
        yield landmarker


def test_landmarks_lie_on_the_face(landmarker):
    landmarks = landmarker.detect(portrait())
    assert landmarks.shape == (468, 3)
    assert landmarks.dtype == np.float32
    np.testing.assert_allclose(eye_centres(landmarks), EYES, atol=1)


@pytest.mark.parametrize("degrees", [-25, 0, 25])
@pytest.mark.parametrize("scale", [0.8, 1.4, 2.0])
def test_landmarks_follow_rotation_and_scale(landmarker, degrees, scale):
    transform = placement(scale=scale, degrees=degrees)
    landmarks = landmarker.detect(frame(transform))
    assert eye_error(eye_centres(landmarks), transform) < MOST_ERROR
    upright = landmarker.detect(frame(placement(scale=scale)))
    assert head_pose(landmarks).roll - head_pose(upright).roll == pytest.approx(degrees, abs=2.5)


def test_mirrored_pictures_give_mirrored_eyes_and_poses(landmarker):
    """A landmarker that is off to one side would be off to the other side in the mirror."""
    offsets = []
    for move in range(8):
        image = frame(placement(x=140 + 5 * move, y=115 + move, degrees=3 * move - 10))
        plain = landmarker.detect(image)
        mirrored_face = landmarker.detect(np.ascontiguousarray(image[:, ::-1]))
        mirrored_back = eye_centres(mirrored_face)[::-1] * (-1, 1) + (image.shape[1] - 1, 0)
        offsets.append((eye_centres(plain) - mirrored_back) / inter_ocular_distance(plain))
        assert head_pose(mirrored_face).yaw == pytest.approx(-head_pose(plain).yaw, abs=4)
        assert head_pose(mirrored_face).roll == pytest.approx(-head_pose(plain).roll, abs=2)
    assert np.abs(offsets).max() < 0.03
    assert np.abs(np.mean(offsets, axis=(0, 1))).max() / 2 < 0.005


NOTHING = {
    "black": np.zeros_like(blank()),
    "gray": blank(),
    "noise": np.random.default_rng(0).integers(0, 256, blank().shape, dtype=np.uint8),
    "blurred away": cv2.GaussianBlur(frame(placement()), (0, 0), 12),
}


@pytest.mark.parametrize("nothing", NOTHING.values(), ids=NOTHING.keys())
def test_no_face_is_seen_where_there_is_none_and_the_next_is_found_at_once(landmarker, nothing):
    before, after = placement(x=110), placement(x=210, y=130)
    assert landmarker.detect(nothing) is None
    assert eye_error(eye_centres(landmarker.detect(frame(before))), before) < MOST_ERROR
    for _ in range(3):
        assert landmarker.detect(nothing) is None
    assert eye_error(eye_centres(landmarker.detect(frame(after))), after) < MOST_ERROR


@pytest.mark.parametrize("shift", [0, 15, 30, 60, 90, 120])
@pytest.mark.parametrize(("scale", "degrees"), [(1.4, 0), (1.0, 0), (1.8, 0), (1.4, 20)])
def test_first_frame_after_a_cut_is_right(landmarker, shift, scale, degrees):
    before = placement(x=100)
    after = placement(x=100 + shift, y=120 + shift / 4, scale=scale, degrees=degrees)
    for _ in range(3):
        landmarker.detect(frame(before))
    assert eye_error(eye_centres(landmarker.detect(frame(after))), after) < MOST_ERROR


def test_face_whose_eyes_are_outside_the_image_counts_as_none(landmarker):
    for x in range(160, -80, -8):
        landmarks = landmarker.detect(frame(placement(x=x)))
        if landmarks is not None:
            assert (eye_centres(landmarks) >= 0).all()
    assert landmarks is None


def test_same_frames_give_the_same_landmarks():
    frames = [frame(placement(x=150 + 3 * step)) for step in range(4)]
    runs = []
    for _ in range(2):
        with FaceLandmarker() as landmarker:
            runs.append(np.stack([landmarker.detect(image) for image in frames]))
    np.testing.assert_array_equal(*runs)


START_AND_DETECT = """
import sys
import numpy as np
from skimage.data import astronaut
from facs3d.preprocessing.landmarks import FaceLandmarker
with FaceLandmarker() as landmarker:
    assert landmarker.detect(np.ascontiguousarray(astronaut()[..., ::-1])) is not None
    assert landmarker.detect(np.zeros((100, 100, 3), np.uint8)) is None
print(*(name for name in ("matplotlib", "mediapipe.tasks") if name in sys.modules))
"""


def test_starting_is_quiet_and_leaves_the_rest_of_mediapipe_alone():
    done = run_code(START_AND_DETECT)
    assert done.returncode == 0, done.stderr
    assert (done.stdout.strip(), done.stderr) == ("", "")


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_all_of_mediapipe_can_be_used_beside(first):
    mediapipe = "import mediapipe\nmediapipe.solutions.face_mesh, mediapipe.tasks.vision\n"
    program = mediapipe + START_AND_DETECT if first else START_AND_DETECT + mediapipe
    done = run_code(program)
    assert done.returncode == 0, done.stderr
