"""Networks judged on recordings that a list names: what is found becomes evidence."""

import json
import re
import shutil
from dataclasses import asdict

import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.core.provenance import file_digest
from facs3d.prediction.marked_clips import read_marked_clips
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.training.weights import load_model, save_model
from tests.support.astronaut_video import blank, frame, placement, write_video
from tests.support.judgements import judgement
from tests.support.predictions import network
from tests.support.scripts import run_script

HEADER = "video,sha256,marks,faces,people,source\n"


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Two recordings of a person, 12 frames each, the last three of the second without a face; a
    judged network, an unjudged one, and marks of AU 12."""
    folder = tmp_path_factory.mktemp("recordings")
    shown = [frame(placement(x=150 + move, scale=1.3)) for move in range(12)]
    write_video(folder / "one.avi", shown)
    write_video(folder / "two.avi", [*shown[:9], *[blank()] * 3])
    judged = judgement("rendered people", "others", *[(0.9,) * 3] * 4, real=False)
    save_model(network(judgement=judged), folder / "net.pt")
    (folder / "net.json").write_text('{"seed": 1, "judged_on": "others"}')
    save_model(network(), folder / "unjudged.pt")
    lines = "au,start_frame,end_frame,mark\n"
    (folder / "one.csv").write_text(lines + "AU12,0,6,present\n")
    (folder / "two.csv").write_text(lines + "AU12,0,4,absent\nAU12,8,11,present\n")
    return folder


def test_recordings_of_one_person_are_one_evidence(recordings, tmp_path):
    digest = file_digest(recordings / "one.avi")
    (recordings / "clips.csv").write_text(
        f"{HEADER}one.avi,{digest},one.csv,somebody,1,a shelf\n"
        "two.avi,,two.csv,somebody,1,a shelf\none.avi,,one.csv,a twin,2,a shelf\n"
    )
    done = run_script(
        "judge_on_clips",
        *("--clips", recordings / "clips.csv", "--folder", recordings),
        *("--weights", recordings / "net.pt", "--output", tmp_path / "out"),
    )
    assert done.returncode == 0, done.stderr
    assert "net.pt, somebody:" in done.stdout
    known = load_model(tmp_path / "out" / "net.pt").judgement
    assert [(each.faces, each.people) for each in known.evidence] == [
        ("others", 0),
        ("somebody", 1),
        ("a twin", 2),
    ]
    _others, somebody, twin = known.evidence
    # Of seven and four frames with AU 12 three show no face.
    assert (somebody.present_frames[2], somebody.absent_frames[2]) == (8, 5)
    assert (twin.present_frames[2], twin.absent_frames[2]) == (7, 0)
    evidence = pd.read_csv(tmp_path / "out" / "net_evidence.csv")
    assert [*evidence["faces"].unique()] == ["others", "somebody", "a twin", "all"]
    made = json.loads((tmp_path / "out" / "net.json").read_text())
    assert made == {"seed": 1, "judged_on": "others; somebody; a twin"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("three.avi,,one.csv,a,1,a shelf\n", "line 2: no recording .*three.avi; get it from a she"),
        (",,one.csv,a,1,a shelf\n", "line 2: no recording .*; get it from a shelf"),
        ("one.avi,,none.csv,a,1,x\n", "line 2: no marks .*none.csv; put them beside the list"),
        ("one.avi,,one.csv,,1,x\n", "line 2: faces is '', expected words"),
        ("one.avi,,one.csv,all,1,x\n", "line 2: faces is 'all', expected words in one line"),
        ("one.avi,abc,one.csv,a,1,a shelf\n", "line 2: .*one.avi is another file; get it from a"),
        ("one.avi,,one.csv,a,0,a shelf\n", "line 2: people is '0', expected a whole number from 1"),
        (
            "one.avi,,one.csv,a,1,x\ntwo.avi,,two.csv,a,2,x\n",
            "line 3: people is 2, an earlier line of the same faces says 1",
        ),
        ("one.avi,,one.csv,a,1\n", "line 2: 5 columns, expected the header's 6"),
        ("", "lists nothing; expected a row per recording: video, sha256"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(recordings, tmp_path, rows, message):
    (tmp_path / "clips.csv").write_text(HEADER + rows)
    for name in ("one.csv", "two.csv"):
        shutil.copy(recordings / name, tmp_path)
    with pytest.raises(InputError, match=message):
        read_marked_clips(tmp_path / "clips.csv", recordings)


def test_a_list_may_come_out_of_a_spreadsheet(recordings, tmp_path):
    """A byte-order mark, spaces, Windows line ends and capital digits are people's."""
    digest = file_digest(recordings / "one.avi").upper()
    shutil.copy(recordings / "one.csv", tmp_path)
    text = f"video, sha256, marks, faces, people, source\r\none.avi,{digest},one.csv,a,1,x\r\n"
    (tmp_path / "clips.csv").write_text("\ufeff" + text, newline="")
    (clip,) = read_marked_clips(tmp_path / "clips.csv", recordings)
    assert (clip.video, clip.marks) == (recordings / "one.avi", tmp_path / "one.csv")


def spoilt(recordings, folder, what) -> list:
    """Options of a call in which one thing is wrong."""
    weights = [recordings / "net.pt"]
    video = "one.avi"
    if what == "unjudged":
        weights = [recordings / "unjudged.pt"]
    if what in ("other faces", "twin", "JSON", "list in JSON"):
        judged = judgement("rendered people", "others", *[(0.9,) * 3] * 4, real=False)
        name = "net.pt" if what == "twin" else "other.pt"
        expected = ExpectedInput((1,), 25.0, asdict(RegistrationSettings(image_size=160)))
        changes = {"expected_input": expected} if what == "other faces" else {}
        save_model(network(judgement=judged, **changes), folder / name)
        weights.append(folder / name)
    if what == "JSON":
        (folder / "other.json").write_text("{bad")
    if what == "list in JSON":
        (folder / "other.json").write_text("[1]")
    if what == "nobody":
        video = "nobody.avi"
        write_video(folder / video, [blank()] * 8)
        shutil.copy(folder / video, recordings)
    (recordings / "clips.csv").write_text(f"{HEADER}{video},,one.csv,somebody,1,a shelf\n")
    return ["--weights", *weights]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("unjudged", "unjudged.pt: not judged, so that it has no grades"),
        (
            "other faces",
            "other.pt: for faces of another size or registration than .*net.pt; judge them apart",
        ),
        ("twin", "--weights: two of one file name, whose outputs would be one; rename one"),
        ("JSON", "other.json: not JSON .*; remove it, or copy it again"),
        (
            "list in JSON",
            "other.json: expected a JSON object, .*; remove it, or copy it again",
        ),
        ("nobody", "nobody.avi: no frame that is marked shows a face"),
    ],
)
def test_what_cannot_be_judged_ends_in_one_line_and_leaves_nothing(
    recordings, tmp_path, what, message
):
    done = run_script(
        "judge_on_clips",
        *spoilt(recordings, tmp_path, what),
        *("--clips", recordings / "clips.csv", "--folder", recordings),
        *("--output", tmp_path / "out"),
    )
    assert done.returncode == 1
    assert re.search(rf"^error: .*{message}$", done.stderr.splitlines()[-1])
    assert not (tmp_path / "out").exists()
