"""Predicting new videos: the same numbers as on a dataset's clip, honest rows, clear refusals."""

import csv
import json
import os
from dataclasses import asdict, replace

import cv2
import numpy as np
import pytest
import torch

from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.datasets.labels import FrameLabels
from facs3d.prediction.au_table import read_au_table
from facs3d.prediction.faces import open_faces, read_rows, write_face_file
from facs3d.prediction.predict import check_fits, load_models, predict_video
from facs3d.prediction.registration import register_every_frame
from facs3d.preprocessing.clips import open_clips, write_clip
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.preprocessing.registration import register_video
from facs3d.preprocessing.sampling import sample_clip
from facs3d.preprocessing.settings import SamplingSettings
from facs3d.preprocessing.tracking import TrackedFrame, Tracking
from facs3d.training.inference import predict
from facs3d.training.weights import save_model
from facs3d.video.lossless import LosslessVideo
from tests.support.astronaut_video import frame, placement, write_video
from tests.support.predictions import (
    AUS,
    EXPECTED_INPUT,
    LENGTH,
    SETTINGS,
    SIDE,
    network,
    predicted,
    run_predict_aus,
    write_faces,
)


@pytest.mark.parametrize("name", ["cnn2d", "cnn2d_lstm", "facs3d"])
def test_a_clip_gets_exactly_what_it_gets_in_a_dataset(tmp_path, name):
    """From the video on, through both ways: the dataset's rules and predict's."""
    images = [frame(placement(x=150 + 3 * move, scale=1.3)) for move in range(LENGTH)]
    video = write_video(tmp_path / "film.avi", images)
    with LosslessVideo(tmp_path / "gray.avi", (200, 200), color=False) as gray:
        for _row, face in register_video(video, range(LENGTH), 0, SETTINGS):
            gray.write(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY))
    number = np.arange(LENGTH)
    labels = FrameLabels(number, np.zeros((LENGTH, len(AUS)), np.int8), {})
    clip = sample_clip(
        tmp_path / "gray.avi",
        Tracking(
            number,
            np.ones(LENGTH, bool),
            ("",) * LENGTH,
            eyes=np.full((LENGTH, 2, 2), np.nan),
            faces=np.full(LENGTH, np.nan),
        ),
        labels,
        SamplingSettings(LENGTH, (1,), SIDE),
        generator(1),
    )
    write_clip(tmp_path / "clips.h5", ("film", "F001", "T1"), AUS, clip, "{}", EXPECTED_INPUT)
    trained = network(name)
    expected = predict(trained.network, open_clips(tmp_path / "clips.h5"), np.array([0]))

    paths = tmp_path / "f.h5", tmp_path / "t.csv"
    attributes = {"video": str(video), "registration": json.dumps(asdict(SETTINGS))}
    write_face_file(
        register_every_frame(video, SETTINGS, SIDE, 25.0), SIDE, attributes, 25.0, *paths
    )
    table = predicted(paths[0], [trained]).table
    np.testing.assert_array_equal(table.probability, expected.probability)
    assert len(np.unique(table.probability)) > LENGTH


def test_every_frame_with_a_face_has_probabilities_and_the_others_none(tmp_path):
    lost = {3, 4, 20}
    path, _ = write_faces(tmp_path, 31, lost)
    prediction = predicted(path, [network()])
    empty = np.isnan(prediction.table.probability)
    assert set(np.flatnonzero(empty.all(axis=1))) == lost
    assert empty.any(axis=1).sum() == len(lost)
    assert not prediction.table.present[sorted(lost)].any()


def test_a_still_networks_frames_do_not_depend_on_the_clips(tmp_path):
    """The 2D CNN sees each frame alone, so merging clips must give back what each of them says."""
    path, _ = write_faces(tmp_path, 45, rate=60)
    trained = network("cnn2d")
    table = predicted(path, [trained]).table
    with open_faces(path) as faces, torch.inference_mode():
        images = torch.from_numpy(faces.read(np.arange(45)))[:, None].float() / 255
        alone = torch.sigmoid(trained.network(images))[:, 0]
    np.testing.assert_allclose(table.probability, alone, atol=1e-6)


def test_what_is_unusual_about_a_video_stands_in_the_rows_of_its_faces(tmp_path):
    image = np.zeros((SIDE, SIDE), np.uint8)
    rows = [(TrackedFrame(n, n != 2), n / 25, image if n != 2 else None) for n in range(LENGTH)]
    attributes = {"video": "film.mp4", "registration": json.dumps(asdict(SETTINGS))}
    paths = tmp_path / "film.faces.h5", tmp_path / "film.tracking.csv"
    write_face_file(rows, SIDE, {**attributes, "remarks": "interlaced"}, 25.0, *paths)
    notes = predicted(paths[0], [network()]).notes
    assert [note.startswith("interlaced") for note in notes] == [n != 2 for n in range(LENGTH)]


def test_rows_whose_time_was_mended_say_so(tmp_path):
    stamps = [*(np.arange(9) / 25), *(np.arange(9) / 25)]
    stamps[4] = 99.0
    frames = [(TrackedFrame(n, n > 4), time, None) for n, time in enumerate(stamps)]
    image = np.zeros((SIDE, SIDE), np.uint8)
    rows = ((row, time, image if row.face_found else None) for row, time, _ in frames)
    attributes = {"video": "film.mp4", "registration": json.dumps(asdict(SETTINGS))}
    paths = tmp_path / "film.faces.h5", tmp_path / "film.tracking.csv"
    write_face_file(rows, SIDE, attributes, 25.0, *paths)
    prediction = predicted(paths[0], [network()])
    np.testing.assert_allclose(prediction.table.seconds, np.arange(18) / 25)
    said = {frame: note for frame, note in enumerate(prediction.notes) if "time" in note}
    assert said.keys() == {4, 9}
    assert said[4].startswith("time interpolated")
    assert said[9].startswith("the timestamps restart here")


def test_of_several_networks_the_mean_is_taken(tmp_path):
    path, _ = write_faces(tmp_path, 20)
    models = [network(seed=1), network(seed=2), network(seed=3)]
    mean = np.mean([predicted(path, [model]).table.probability for model in models], axis=0)
    np.testing.assert_allclose(predicted(path, models).table.probability, mean, rtol=1e-12)


@pytest.mark.parametrize("n_frames", [1, 2, 5])
def test_a_video_shorter_than_a_clip_is_mirrored_and_the_table_says_so(tmp_path, n_frames):
    path, _ = write_faces(tmp_path, n_frames)
    prediction = predicted(path, [network()])
    assert not np.isnan(prediction.table.probability).any()
    assert all(f"filled from {n_frames} frames by mirroring" in note for note in prediction.notes)


def test_a_video_without_any_face_has_its_rows(tmp_path):
    path, _ = write_faces(tmp_path, 4, lost=range(4))
    assert np.isnan(predicted(path, [network()]).table.probability).all()


def test_at_another_frame_rate_the_spacing_is_kept(tmp_path, capsys):
    path, _ = write_faces(tmp_path, 60, rate=75)
    prediction = predicted(path, [network()])
    assert prediction.stride == 3
    assert not any(prediction.notes)
    assert "75 frames/s, trained on 25; frames of a clip are 3 or 0.04" in capsys.readouterr().err


def test_a_frame_rate_too_low_is_said_in_every_row_and_once_on_stderr(tmp_path, capsys):
    path, _ = write_faces(tmp_path, 20, rate=10)
    notes = predicted(path, [network()]).notes
    assert set(notes) == {"0.10 s apart in the clip (trained: 0.04-0.04)"}
    assert "100% of the frames are spaced unlike" in capsys.readouterr().err


REFUSED = {
    "AUs": ({"action_units": (1, 6, 14)}, {}, r"for AUs \[1, 6, 14\], asked for are \[1, 6, 12\]"),
    "no description": (
        {"expected_input": ExpectedInput()},
        {},
        "does not say how its faces were registered",
    ),
    "geometry": (
        {},
        {"settings": replace(SETTINGS, centre="eye_line")},
        r"film.faces.h5: registered with centre 'eye_line', the network expects 'landmarks'",
    ),
    "image size": ({}, {"side": 32}, r"faces of 32 px, the network expects 24"),
}


@pytest.mark.parametrize(("model", "faces", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(tmp_path, model, faces, message):
    path, _ = write_faces(tmp_path, 4, **faces)
    with open_faces(path) as opened, pytest.raises(InputError, match=message):
        check_fits(network(**model), opened, AUS)


def test_networks_of_different_trainings_are_not_averaged(tmp_path):
    other = ExpectedInput((2, 3), 25.0, asdict(SETTINGS))
    save_model(network(), tmp_path / "one.pt")
    save_model(network(expected_input=other), tmp_path / "other.pt")
    with pytest.raises(InputError, match=r"other.pt: differs from .*one.pt: expected_input is"):
        load_models([tmp_path / "one.pt", tmp_path / "other.pt"])
    (loaded,) = load_models([tmp_path / "other.pt"])
    assert loaded.expected_input == other


def run(folder, *options):
    save_model(network(), folder / "weights.pt")
    return run_predict_aus(folder, *options)


def test_the_script_writes_the_documented_table(tmp_path):
    path, _ = write_faces(tmp_path, 30, lost={2})
    done = run(tmp_path, "--threshold", "0.4")
    assert done.returncode == 0, done.stderr
    assert "30 frames in" in done.stderr
    assert "frames/s" in done.stderr
    with open(tmp_path / "film.aus.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ["frame", "time", "face_found", "note", "faces", "person"]
    columns += ["right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y"]
    columns += ["inter_ocular_distance", "sharpness", "brightness", "upside_down"]
    columns += ["confidence", "yaw", "pitch", "roll"]
    columns += ["AU01", "AU06", "AU12", "AU01_present", "AU06_present", "AU12_present"]
    assert list(rows[0]) == columns
    assert [row["frame"] for row in rows] == [str(number) for number in range(30)]
    assert rows[1]["time"] == "0.040"
    assert [rows[2][name] for name in columns[2:4]] == ["0", "no face"]
    assert {rows[2][name] for name in columns[4:]} == {""}
    assert rows[4]["note"] == ""
    assert rows[5]["note"] == "two"
    assert [rows[n]["person"] for n in (0, 19, 20)] == ["1", "1", "2"]
    for row in rows[3:]:
        assert row["AU06_present"] == str(int(float(row["AU06"]) >= 0.4))
    table = read_au_table(tmp_path / "film.aus.csv")
    expected = predicted(path, [network()], 0.4).table
    np.testing.assert_allclose(table.probability, expected.probability, rtol=1e-8)
    np.testing.assert_array_equal(table.present, expected.present)
    assert table.action_units == AUS
    provenance = json.loads((tmp_path / "film.aus.json").read_text())
    assert (provenance["model"], provenance["stride"]) == ("facs3d", 1)
    assert provenance["changes_of_person"] == 1


def test_a_refusal_of_the_script_is_one_line(tmp_path):
    write_faces(tmp_path, 4)
    done = run(tmp_path, "--action-units", "1", "2")
    assert done.returncode == 1
    assert done.stderr.startswith("error: the network is for AUs [1, 6, 12]")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "film.aus.csv").exists()


def test_another_videos_tracking_table_is_refused(tmp_path):
    (tmp_path / "other").mkdir()
    write_faces(tmp_path, 4)
    _, other = write_faces(tmp_path / "other", 4, lost={2})
    other.replace(tmp_path / "film.tracking.csv")
    done = run(tmp_path)
    assert done.stderr.startswith(
        f"error: {tmp_path / 'film.tracking.csv'}: not the tracking table"
    )
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "film.aus.csv").exists()


@pytest.mark.parametrize("renames", [0, 1])
def test_killed_between_its_two_files_a_pair_of_old_and_new_is_known(
    tmp_path, monkeypatch, renames
):
    """The exception stands for the kill: what it leaves of the two is all that matters."""
    faces_path, rows_path = write_faces(tmp_path, 4)
    replace, done = os.replace, []

    def killed(source, destination):
        if len(done) == renames:
            raise KeyboardInterrupt
        done.append(destination)
        replace(source, destination)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_faces(tmp_path, 4, lost={1})
    with open_faces(faces_path) as faces:
        if renames:
            with pytest.raises(InputError, match="not the tracking table that was written with"):
                read_rows(rows_path, faces)
        else:
            assert len(list(read_rows(rows_path, faces))) == 4


def test_memory_does_not_grow_with_the_video(tmp_path):
    """What is read at once is a clip, at any length."""
    path, _ = write_faces(tmp_path, 300)
    most = 0
    with open_faces(path) as faces:
        read = faces.read

        def watched(positions):
            nonlocal most
            most = max(most, len(positions))
            return read(positions)

        faces.read = watched
        predict_video([network()], faces, 0.5)
    assert most == LENGTH


def test_another_table_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("frame,AU01\n0,0.5\n")
    with pytest.raises(InputError, match=r"a.csv, line 1: not a table of predicted AUs"):
        read_au_table(tmp_path / "a.csv")


def test_a_table_without_rows_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("frame,time,AU01,AU01_present\n")
    with pytest.raises(InputError, match=r"a.csv: no row below its header"):
        read_au_table(tmp_path / "a.csv")
