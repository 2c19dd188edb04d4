"""Where registration puts a face: the transform, and registered faces measured again."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facs3d.core.errors import InputError
from facs3d.preprocessing.alignment import RegistrationSettings, similarity, template_landmarks
from facs3d.preprocessing.face_mesh import (
    CANONICAL_FACE,
    INNER_FACE,
    eye_centres,
    inter_ocular_distance,
)
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.preprocessing.registration import register_face
from tests.support.astronaut_video import frame, placement

AUTHORS = RegistrationSettings()
ALL_SETTINGS = [
    RegistrationSettings(centre=centre, rotation=rotation)
    for centre in ("landmarks", "eye_line")
    for rotation in ("template", "eyes")
]
settings_of_every_kind = st.builds(
    RegistrationSettings,
    image_size=st.integers(50, 150).map(lambda half: 2 * half),
    inter_ocular_distance=st.floats(20, 100),
    centre=st.sampled_from(["landmarks", "eye_line"]),
    eye_line_y=st.floats(0, 100),
    rotation=st.sampled_from(["template", "eyes"]),
)


def mapped(points: np.ndarray, transform: np.ndarray) -> np.ndarray:
    return points[:, :2] @ transform[:, :2].T + transform[:, 2]


def similarity_map(scale: float, degrees: float, x: float, y: float) -> np.ndarray:
    turn = np.radians(degrees)
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    return np.array([[cosine, -sine, x], [sine, cosine, y]])


@st.composite
def faces(draw) -> np.ndarray:
    """A mean face of any size and place, tilted, its points moved about by up to a few mm."""
    noise = np.random.default_rng(draw(st.integers(0, 2**32))).normal(0, 0.2, (468, 2))
    place = similarity_map(
        draw(st.floats(5, 60)),
        draw(st.floats(-180, 180)),
        *draw(st.tuples(*[st.floats(0, 2e3)] * 2)),
    )
    return mapped(CANONICAL_FACE[:, :2] + noise, place)


# The transform


@given(faces(), settings_of_every_kind)
def test_eye_distance_and_centre_are_exact(face, settings):
    registered = mapped(face, similarity(face, settings))
    eyes = eye_centres(registered)
    assert np.hypot(*(eyes[1] - eyes[0])) == pytest.approx(settings.inter_ocular_distance)
    middle = settings.image_size / 2
    if settings.centre == "eye_line":
        np.testing.assert_allclose(eyes.mean(axis=0), (middle, settings.eye_line_y), atol=1e-6)
    else:
        centroid = registered[list(INNER_FACE)].mean(axis=0)
        np.testing.assert_allclose(centroid, (middle, middle), atol=1e-6)
    if settings.rotation == "eyes":
        assert eyes[0, 1] == pytest.approx(eyes[1, 1], abs=1e-6)
        assert eyes[0, 0] < eyes[1, 0]


@given(faces(), settings_of_every_kind)
def test_transform_is_a_similarity_without_reflection(face, settings):
    linear = similarity(face, settings)[:, :2]
    scale = settings.inter_ocular_distance / inter_ocular_distance(face)
    np.testing.assert_allclose(linear @ linear.T, scale**2 * np.eye(2), atol=1e-9)
    assert np.linalg.det(linear) > 0


@given(
    faces(),
    settings_of_every_kind,
    st.builds(similarity_map, st.floats(0.2, 5), st.floats(-180, 180), *[st.floats(-500, 500)] * 2),
)
def test_where_the_face_was_in_the_source_makes_no_difference(face, settings, moved):
    registered = mapped(face, similarity(face, settings))
    elsewhere = mapped(face, moved)
    np.testing.assert_allclose(
        mapped(elsewhere, similarity(elsewhere, settings)), registered, atol=1e-5
    )


@given(faces())
def test_rotation_to_the_template_is_the_least_squares_one(face):
    """Against scipy's solution of the orthogonal Procrustes problem."""
    from scipy.linalg import orthogonal_procrustes

    inner = face[list(INNER_FACE)]
    target = CANONICAL_FACE[list(INNER_FACE), :2]
    rotation, _ = orthogonal_procrustes(inner - inner.mean(axis=0), target - target.mean(axis=0))
    linear = similarity(face, AUTHORS)[:, :2]
    np.testing.assert_allclose(linear / np.sqrt(np.linalg.det(linear)), rotation.T, atol=1e-9)


@pytest.mark.parametrize("settings", ALL_SETTINGS)
def test_template_lies_where_registered_faces_do(settings):
    template = template_landmarks(settings)
    eyes = eye_centres(template)
    assert template.shape == (468, 2)
    np.testing.assert_allclose(eyes[:, 0], (60, 140))
    np.testing.assert_allclose(template[152, 0], 100, atol=1e-9)
    if settings.centre == "eye_line":
        np.testing.assert_allclose(eyes[:, 1], 45)
        assert template[152, 1] < 200
    else:
        np.testing.assert_allclose(template[list(INNER_FACE)].mean(axis=0), (100, 100))
        assert template[152, 1] > 200


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"image_size": 199}, "registration.image_size is 199, expected 16 to 2048, even"),
        ({"image_size": 8}, "image_size is 8"),
        ({"inter_ocular_distance": 0}, "inter_ocular_distance is 0, expected at least 4"),
        ({"inter_ocular_distance": 300}, r"is 300, expected at most 200 \(image_size\)"),
        ({"inter_ocular_distance": float("nan")}, "inter_ocular_distance is nan"),
        ({"centre": "middle"}, "centre is 'middle', expected landmarks or eye_line"),
        ({"rotation": "none"}, "rotation is 'none', expected template or eyes"),
        ({"eye_line_y": -1}, "eye_line_y is -1"),
        ({"eye_line_y": 201}, r"eye_line_y is 201, expected at most 200 \(image_size\)"),
        ({"max_yaw": 0}, "max_yaw is 0, expected above 0, at most 90"),
    ],
)
def test_settings_out_of_range(values, message):
    with pytest.raises(InputError, match=message):
        RegistrationSettings(**values)


# Registered faces, measured again


@pytest.mark.parametrize("settings", ALL_SETTINGS)
def test_registered_faces_measured_again(settings):
    """Twelve places, sizes and tilts. A second measurement has an error of its own, so a single
    one may be off by more than their mean."""
    moves = np.random.default_rng(1).uniform(-1, 1, (12, 4))
    places = [placement(160 + 25 * x, 120 + 9 * y, 1.4 + 0.4 * s, 15 * r) for x, y, s, r in moves]
    distances, centres = [], []
    with FaceLandmarker() as in_source, FaceLandmarker() as in_registered:
        for image in map(frame, places):
            registered = register_face(image, in_source.detect(image), settings)
            landmarks = in_registered.detect(registered)
            distances.append(inter_ocular_distance(landmarks))
            eye_line = settings.centre == "eye_line"
            points = eye_centres(landmarks) if eye_line else landmarks[list(INNER_FACE), :2]
            centres.append(points.mean(axis=0))
    assert np.mean(distances) == pytest.approx(80, abs=1)
    assert np.abs(np.subtract(distances, 80)).max() < 3
    expected = (100, 45) if settings.centre == "eye_line" else (100, 100)
    np.testing.assert_allclose(np.mean(centres, axis=0), expected, atol=1)
    np.testing.assert_allclose(centres, np.tile(expected, (12, 1)), atol=3)


def test_pixels_go_where_the_transform_says():
    """A dot painted on the nose's tip comes out where the tip's landmark is mapped to."""
    image = frame(placement(degrees=12, scale=2))
    with FaceLandmarker() as landmarker:
        landmarks = landmarker.detect(image)
    tip = landmarks[4, :2]
    cv2.circle(image, tuple(int(value) for value in tip.round()), 4, (0, 255, 0), -1)
    registered = register_face(image, landmarks, AUTHORS).astype(int)
    green = np.argwhere(registered[..., 1] - registered[..., 2] > 128)[:, ::-1].mean(axis=0)
    expected = mapped(tip.round()[None], similarity(landmarks, AUTHORS))[0]
    np.testing.assert_allclose(green, expected, atol=0.5)


def test_beyond_the_border_edge_pixels_go_on():
    image = frame(placement(y=45))
    with FaceLandmarker() as landmarker:
        registered = register_face(image, landmarker.detect(image), AUTHORS)
    assert registered.min(axis=2).max(axis=1).min() > 20
