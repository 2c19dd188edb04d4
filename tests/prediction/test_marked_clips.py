"""Networks judged on recordings that a list names: what is found becomes evidence."""

import json

import pandas as pd
import pytest

from facs3d.core.errors import InputError
from facs3d.core.provenance import file_digest
from facs3d.prediction.marked_clips import read_marked_clips
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


def run(folder, tmp_path, weights="net.pt"):
    return run_script(
        "judge_on_clips",
        *("--clips", folder / "clips.csv", "--folder", folder),
        *("--weights", folder / weights, "--output", tmp_path / "out"),
    )


def test_recordings_of_one_person_are_one_evidence(recordings, tmp_path):
    digest = file_digest(recordings / "one.avi")
    (recordings / "clips.csv").write_text(
        f"{HEADER}one.avi,{digest},one.csv,somebody,1,a shelf\n"
        "two.avi,,two.csv,somebody,1,a shelf\none.avi,,one.csv,a twin,2,a shelf\n"
    )
    done = run(recordings, tmp_path)
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
        ("three.avi,,one.csv,a,1,a shelf\n", "line 2: no .*three.avi; get it from a shelf"),
        ("one.avi,abc,one.csv,a,1,a shelf\n", "line 2: .*one.avi is another file; get it from a"),
        ("one.avi,,one.csv,a,0,a shelf\n", "line 2: people is '0', expected a whole number from 1"),
        (
            "one.avi,,one.csv,a,1,x\ntwo.avi,,two.csv,a,2,x\n",
            "line 3: people is 2, an earlier line of the same faces says 1",
        ),
        ("one.avi,,one.csv,a,1\n", "line 2: 5 columns, expected the header's 6; expected the col"),
        ("", "lists nothing; expected the columns video, sha256"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(recordings, tmp_path, rows, message):
    (tmp_path / "clips.csv").write_text(HEADER + rows)
    with pytest.raises(InputError, match=message):
        read_marked_clips(tmp_path / "clips.csv", recordings)


def test_a_network_that_was_never_judged_has_no_grades_to_add_to(recordings, tmp_path):
    (recordings / "clips.csv").write_text(HEADER + "one.avi,,one.csv,somebody,1,a shelf\n")
    done = run(recordings, tmp_path, "unjudged.pt")
    assert done.returncode == 1
    assert done.stderr.endswith("unjudged.pt: not judged, so that it has no grades\n")
    assert not (tmp_path / "out").exists()
