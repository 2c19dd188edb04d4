"""The synthetic dataset: its files, and whether its faces show what its labels say."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from facs3d.core.action_units import PAPER_AUS, au_column
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.preprocessing.face_mesh import eye_centres, inter_ocular_distance
from facs3d.preprocessing.landmarks import FaceLandmarker
from facs3d.synthetic.dataset import SyntheticSettings, draw_subject
from facs3d.synthetic.detection import detect_portrait
from facs3d.synthetic.expression import action_fields, action_regions, visible_share
from facs3d.synthetic.identity import draw_offsets
from facs3d.synthetic.portrait import load_portrait
from facs3d.synthetic.rendering import draw_scene, render
from tests.support.scripts import run_script

STILL = SyntheticSettings(dynamics_control=(), pose=0.0, sensor_noise=0.0)
PORTRAIT = ("--source", "portrait")
SMALL = (*PORTRAIT, "--subjects", "3", "--videos-per-subject", "2", "--frames", "10")


@pytest.fixture(scope="module")
def portrait():
    return detect_portrait()


@pytest.fixture(scope="module")
def fields():
    return action_fields()


@pytest.fixture(scope="module")
def portrait_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("portrait")
    path, regions = folder / "portrait.npz", folder / "truth" / "au_regions.npz"
    run_script("make_portrait", "--output", path, "--regions", regions).check_returncode()
    return path


@pytest.fixture(scope="module")
def dataset(portrait_path, tmp_path_factory):
    root = tmp_path_factory.mktemp("dataset")
    render_dataset(portrait_path, root)
    return root


def render_dataset(
    portrait_path: Path, root: Path, *more: str, settings: tuple[str, ...] = SMALL
) -> None:
    options = ["--portrait", portrait_path, "--root", root, "--seed", 5, *settings]
    run_script("synthesize_videos", *options, *more).check_returncode()


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def shoot(subject, intensities: dict[int, float], iod: float) -> tuple[np.ndarray, np.ndarray]:
    """A still frame (400, 400, 3) of ``subject`` with AUs at these intensities, and its eyes."""
    row = np.array([[intensities.get(au, 0.0) for au in PAPER_AUS]])
    scene = draw_scene(generator(0, "scene"), 1, (400, 400), pose=0.0, sensor_noise=0.0)
    return next(render(subject, row, scene, generator(0, "grain"), iod=iod))


def look(subject, intensities: dict[int, float], iod: float = 100.0) -> np.ndarray:
    return shoot(subject, intensities, iod)[0]


def landmarks_of(image: np.ndarray) -> np.ndarray:
    with FaceLandmarker() as landmarker:
        found = landmarker.detect(image)
    assert found is not None
    return found


# Files


def test_layout_is_that_of_bp4d_plus(dataset):
    names = {f"{subject}_{task}" for subject in ("F001", "F002", "F003") for task in ("T1", "T2")}
    expected = {f"Videos/{name.replace('_', '/')}.avi" for name in names}
    expected |= {f"AUCoding/AU_OCC/{name}.csv" for name in names}
    expected |= {f"truth/{name}.csv" for name in names}
    for column in map(au_column, PAPER_AUS):
        expected |= {f"AUCoding/AU_INT/{column}/{name}_{column}.csv" for name in names}
    assert set(files_of(dataset)) == expected


def test_labels_and_truth_have_a_row_for_every_frame_of_the_video(dataset):
    video = cv2.VideoCapture(str(dataset / "Videos" / "F002" / "T1.avi"))
    assert video.get(cv2.CAP_PROP_FPS) == 25
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1])
    assert [frame.shape for frame in frames] == [(320, 288, 3)] * 10
    truth = np.loadtxt(dataset / "truth" / "F002_T1.csv", delimiter=",", skiprows=1)
    assert truth[:, 0].tolist() == list(range(10))
    header, *rows = (dataset / "AUCoding/AU_OCC/F002_T1.csv").read_text().splitlines()
    assert header == "0,1,2,4,6,7,10,12,14,15,17,23,24"
    occurrence = np.array([list(map(int, row.split(","))) for row in rows])
    assert occurrence[:, 0].tolist() == list(range(10))
    for index, column in enumerate(map(au_column, PAPER_AUS)):
        path = dataset / "AUCoding" / "AU_INT" / column / f"F002_T1_{column}.csv"
        intensity = np.loadtxt(path, delimiter=",", dtype=int)
        assert intensity[:, 0].tolist() == list(range(10))
        assert set(intensity[:, 1]) <= set(range(6))
        assert ((intensity[:, 1] >= 2) == occurrence[:, 1 + index]).all()


def test_videos_have_the_frame_rate_that_was_asked_for(portrait_path, tmp_path):
    render_dataset(portrait_path, tmp_path, "--only", "F001", "--frames-per-second", "29.97")
    video = cv2.VideoCapture(str(tmp_path / "Videos" / "F001" / "T1.avi"))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(29.97)
    slow, fast = (
        draw_scene(generator(1, "scene"), frames, (288, 320), 1.0, 2.5, rate).pose
        for frames, rate in ((100, 25), (200, 50))
    )
    np.testing.assert_allclose(fast[::2], slow)


def test_a_subject_is_the_same_bytes_alone_or_among_others(dataset, portrait_path, tmp_path):
    more = (*PORTRAIT, "--subjects", "9", "--videos-per-subject", "2", "--frames", "10")
    render_dataset(portrait_path, tmp_path, "--only", "F002", settings=more)
    alone = files_of(tmp_path)
    together = files_of(dataset)
    assert len(alone) == 2 * (1 + 12 + 1 + 1)
    assert alone == {name: together[name] for name in alone}


def test_portrait_is_repeatable_and_complete(portrait, portrait_path):
    loaded = load_portrait(portrait_path)
    for name in ("skin", "skin_alpha", "eyes", "aperture", "hair", "lids", "landmarks"):
        assert np.array_equal(getattr(portrait, name), getattr(loaded, name))
    assert inter_ocular_distance(loaded.landmarks) == pytest.approx(80, abs=2)
    assert eye_centres(loaded.landmarks).mean(0) == pytest.approx([184, 184], abs=2)


def test_regions_file_holds_where_each_au_acts(portrait_path, fields):
    with np.load(portrait_path.parent / "truth" / "au_regions.npz") as saved:
        assert saved["au"].tolist() == list(PAPER_AUS)
        assert saved["landmarks"].shape == (468, 2)
        assert np.array_equal(saved["regions"], action_regions(fields))
        assert saved["regions"].dtype == bool
        inner_brow, mouth_corner, chin = (184 - 21, 160), (150, 270), (184, 301)
        inside = {au: saved["regions"][index] for index, au in enumerate(PAPER_AUS)}
    for au, (x, y) in ((1, inner_brow), (4, inner_brow), (12, mouth_corner), (17, chin)):
        assert inside[au][y, x]
    assert not inside[17][160, 163]
    assert all(0.005 < region.mean() < 0.12 for region in inside.values())


def test_contact_sheet_is_drawn_without_dates(portrait_path, tmp_path):
    png, pdf = tmp_path / "faces.png", tmp_path / "faces.pdf"
    arguments = (*PORTRAIT, "--portrait", portrait_path, "--seed", "3", "--subjects", "1")
    pictures = tmp_path / "faces.npz"
    run_script("render_synthetic_faces", *arguments, "--output", pictures).check_returncode()
    with np.load(pictures) as saved:
        assert list(saved)[::20] == ["neutral", "subject F001, neutral"]
    arguments = ("--pictures", pictures, "--output-png", png, "--output-pdf", pdf)
    run_script("plot_synthetic_faces", *arguments).check_returncode()
    assert cv2.imread(str(png)).shape[1] > 1400
    assert b"CreationDate" not in pdf.read_bytes()


# Errors


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"subjects": 0}, "synthesis.subjects is 0, expected 1 to 999"),
        ({"frames": 3}, "synthesis.frames is 3"),
        ({"width": 289}, "synthesis.width is 289, expected 240 to 1024, even"),
        ({"base_rate_floor": 0.7}, "synthesis.base_rate_floor is 0.7, expected 0 to 0.5"),
        ({"dynamics_control": (1, 3)}, r"dynamics_control is \[1, 3\], expected some of 1, 2, 4"),
        ({"mimicry": -1.0}, "synthesis.mimicry is -1"),
        ({"mimicry_scale": (0.5, 2.0)}, r"mimicry_scale is \[0.5, 2.0\], expected 0 to 1"),
        (
            {"mimicry_scale": (0.5,)},
            "synthesis.mimicry_scale has 1 numbers, expected one for each of the 7 AUs",
        ),
        ({"together": "never"}, "synthesis.together is 'never', expected paper or independent"),
    ],
)
def test_bad_settings_give_one_clear_line(values, message):
    with pytest.raises(InputError, match=message):
        SyntheticSettings(**values)


def test_faults_of_the_command_line_end_in_one_line(portrait_path, tmp_path):
    no_portrait = tmp_path / "not_a_portrait.npz"
    no_portrait.write_bytes(b"nonsense")
    for portrait, subject, message in (
        (no_portrait, "F001", f"error: {no_portrait} is not a portrait"),
        (tmp_path / "missing.npz", "F001", "missing.npz: No such file"),
        (portrait_path, "F099", "error: no subject 'F099'; there are F001 to F003"),
    ):
        arguments = ("--portrait", portrait, "--root", tmp_path / "out", "--seed", "1")
        done = run_script("synthesize_videos", *arguments, *SMALL, "--only", subject)
        assert done.returncode == 1
        assert message in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert not (tmp_path / "out").exists()


# Faces

RIGHT_CORNER, LEFT_CORNER = 61, 291
INNER_BROWS, OUTER_BROWS = (107, 336, 55, 285), (70, 300, 63, 293)


@pytest.fixture(scope="module")
def faces(portrait, fields):
    """FaceMesh points of two people, neutral and with each AU at 5, in eye distances from the
    middle of the eyes: (2, 13, 468, 2)."""

    def normal(landmarks: np.ndarray) -> np.ndarray:
        centre = eye_centres(landmarks).mean(0)
        return (landmarks[:, :2] - centre) / inter_ocular_distance(landmarks)

    looks = [{}] + [{au: 5.0} for au in PAPER_AUS]
    people = [draw_subject(portrait, fields, 1, name, STILL) for name in ("F009", "F006")]
    return np.array([[normal(landmarks_of(look(who, aus))) for aus in looks] for who in people])


def shift(faces: np.ndarray, au: int, points: tuple[int, ...], axis: int) -> np.ndarray:
    """Movement of some FaceMesh points from neutral to the AU at 5, one value per person."""
    moved = faces[:, 1 + PAPER_AUS.index(au)] - faces[:, 0]
    return moved[:, list(points), axis].mean(1)


def test_facemesh_sees_each_au_move_the_face_as_facs_says(faces):
    down = 1
    assert (shift(faces, 1, INNER_BROWS, down) < -0.03).all()
    assert (shift(faces, 1, INNER_BROWS, down) < shift(faces, 1, OUTER_BROWS, down)).all()
    assert (shift(faces, 2, OUTER_BROWS, down) < -0.01).all()
    assert (shift(faces, 2, OUTER_BROWS, down) < shift(faces, 2, INNER_BROWS, down)).all()
    assert (shift(faces, 4, INNER_BROWS, down) > 0.01).all()
    assert (shift(faces, 12, (RIGHT_CORNER, LEFT_CORNER), down) < -0.03).all()
    assert (shift(faces, 15, (RIGHT_CORNER, LEFT_CORNER), down) > 0.03).all()
    assert (shift(faces, 10, (0, 37, 267), down) < -0.03).all()
    assert (shift(faces, 17, (17, 84, 314), down) < -0.01).all()


def test_facemesh_sees_mouth_and_eyes_narrow_and_widen(faces):
    def change(au: int, one: int, other: int) -> np.ndarray:
        neutral, shown = faces[:, 0], faces[:, 1 + PAPER_AUS.index(au)]
        before = np.linalg.norm(neutral[:, one] - neutral[:, other], axis=1)
        return np.linalg.norm(shown[:, one] - shown[:, other], axis=1) / before

    assert (change(12, RIGHT_CORNER, LEFT_CORNER) > 1.08).all()
    assert (change(23, RIGHT_CORNER, LEFT_CORNER) < 0.95).all()
    assert (change(7, 159, 145) < 0.93).all()
    assert (change(24, 0, 17) < 0.93).all()


@pytest.mark.parametrize("au", PAPER_AUS)
def test_an_au_changes_its_region_and_little_else(portrait, fields, au):
    subject = draw_subject(portrait, fields, 1, "F009", STILL)
    # At 80 px between the eyes and 400 x 400 px the frame is the canonical one, shifted.
    neutral, shown = (look(subject, aus, iod=80.0).astype(int) for aus in ({}, {au: 5.0}))
    changed = np.abs(shown - neutral).sum(-1) > 30
    region = action_regions(fields)[PAPER_AUS.index(au)].astype(np.uint8)
    place = np.float32([[1, 0, 200 - 184], [0, 1, 0.43 * 400 - 184]])
    region = cv2.warpAffine(cv2.dilate(region, np.ones((25, 25))), place, (400, 400)) > 0
    assert changed.sum() > 150
    assert (changed & region).sum() > 0.9 * changed.sum()


def test_lowered_lids_cover_the_iris_instead_of_squashing_it(portrait, fields):
    subject = draw_subject(portrait, fields, 1, "F009", STILL)
    (neutral, eyes), (squinting, _) = (shoot(subject, aus, 160.0) for aus in ({}, {7: 5.0}))
    neutral, squinting = (
        cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(float) for image in (neutral, squinting)
    )
    x, y = eyes[0].astype(int)
    pupil = np.s_[y - 8 : y - 1, x - 10 : x + 11]
    assert np.abs(neutral[pupil] - squinting[pupil]).mean() < 8
    lower_edge = np.s_[y + 8 : y + 12, x - 8 : x + 9]
    assert squinting[lower_edge].mean() > neutral[lower_edge].mean() + 10


def test_true_eye_centres_are_where_facemesh_finds_the_eyes(dataset):
    errors = []
    for path in sorted(dataset.glob("truth/*.csv")):
        subject, task = path.stem.split("_")
        truth = np.loadtxt(path, delimiter=",", skiprows=1)[:, 1:].reshape(-1, 2, 2)
        video = cv2.VideoCapture(str(dataset / "Videos" / subject / f"{task}.avi"))
        for eyes in truth[::3]:
            frame = video.read()[1]
            video.read(), video.read()
            found = eye_centres(landmarks_of(frame))
            distance = np.linalg.norm(eyes[1] - eyes[0])
            errors.append(np.linalg.norm(found - eyes, axis=1).mean() / distance)
    assert len(errors) == 6 * 4
    assert np.mean(errors) < 0.025


# Dynamics control


def test_mimicry_marks_only_the_chosen_aus():
    drawn = np.array([draw_offsets(generator(0, n), {1: 1.2, 12: 1.2}, 1.0) for n in range(800)])
    chosen = np.isin(PAPER_AUS, (1, 12))
    assert not drawn[:, ~chosen].any()
    assert drawn[:, chosen].std(0) == pytest.approx([1.15, 0.575], abs=0.08)
    few = np.array([draw_offsets(generator(0, n), {1: 1.2}, 0.25) for n in range(800)])
    assert (few[:, 0] != 0).mean() == pytest.approx(0.25, abs=0.05)
    assert not draw_offsets(generator(0, "off"), {}, 1.0).any()


def test_mimicry_changes_the_neutral_face_and_nothing_else_about_a_person(portrait, fields):
    mimicking = SyntheticSettings(dynamics_control=(15,), mimicry=3.0, pose=0.0, sensor_noise=0.0)
    plain = draw_subject(portrait, fields, 1, "F009", STILL)
    marked = draw_subject(portrait, fields, 1, "F009", mimicking)
    assert np.array_equal(plain.skin, marked.skin)
    assert not plain.offsets.any()
    assert np.flatnonzero(marked.offsets).tolist() == [PAPER_AUS.index(15)]
    difference = np.abs(look(plain, {}).astype(int) - look(marked, {})).sum(-1)
    rows = np.flatnonzero(difference.max(1) > 30)
    assert rows.min() > 0.43 * 400 + 40  # below the eyes
    assert len(rows) > 5


# Parts


def test_competing_mouth_actions_share_the_skin():
    alone = np.zeros(12)
    alone[PAPER_AUS.index(12)] = 5
    assert visible_share(alone).tolist() == (alone / 5).tolist()
    crowded = np.where(np.isin(PAPER_AUS, (10, 12, 15, 17)), 5.0, 0.0)
    assert visible_share(crowded).sum() == pytest.approx(2.0)
