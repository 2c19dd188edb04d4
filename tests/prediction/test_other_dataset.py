"""Networks on another dataset's clips: which labels they meet there, and what is refused."""

import json
from dataclasses import asdict, replace

import h5py
import numpy as np
import pytest
import torch

from facs3d.core.errors import InputError
from facs3d.evaluation.occlusion.maps import read_occlusion
from facs3d.evaluation.runs import Run
from facs3d.prediction.other_dataset import (
    check_comparable,
    labelled_for,
    predict_other_dataset,
)
from facs3d.preprocessing.clips import open_clips
from facs3d.preprocessing.expected_input import ExpectedInput
from facs3d.training.predictions import read_predictions
from facs3d.training.weights import save_model
from tests.support.predictions import AUS, LENGTH, SETTINGS, SIDE, network
from tests.support.random_clips import write_random_clips
from tests.support.scripts import run_script

OTHER_AUS = (2, 6, 12, 25)
"""AUs 6 and 12 are in common; the network has AU 1 besides."""
EXPECTED = ExpectedInput((1,), 25.0, asdict(SETTINGS))


@pytest.fixture
def clips(tmp_path):
    path, _ = write_random_clips(
        tmp_path, clip_shape=(LENGTH, SIDE, SIDE), action_units=OTHER_AUS, expected_input=EXPECTED
    )
    return open_clips(path)


@pytest.mark.parametrize("name", ["cnn2d", "cnn2d_lstm", "facs3d"])
def test_every_frame_gets_the_networks_answer_and_the_datasets_label(clips, tmp_path, name):
    trained = network(name)
    save_model(trained, tmp_path / "weights.pt")
    done = run_script(
        *("predict_other_dataset", "--weights", tmp_path / "weights.pt", "--clips", clips.path),
        *("--output", tmp_path / "predictions.csv", "--device", "cpu"),
    )
    assert done.returncode == 0, done.stderr
    found = read_predictions(tmp_path / "predictions.csv")
    assert found.action_units == AUS == (1, 6, 12)
    assert len(found.video) == len(clips) * LENGTH
    assert found.subject[:: 2 * LENGTH].tolist() == ["F001", "F002", "F003", "F004"]
    np.testing.assert_array_equal(found.frame_number, clips.frame_number.ravel())
    np.testing.assert_array_equal(found.label[:, 1:], clips.labels[:, :, 1:3].reshape(-1, 2))
    frames = torch.from_numpy(clips.read_frames([3]))
    with torch.inference_mode():
        expected = torch.sigmoid(trained.network(trained.network.as_input(frames)))[0]
    of_fourth = found.probability[3 * LENGTH : 4 * LENGTH]
    np.testing.assert_allclose(of_fourth, expected, rtol=1e-5)


def test_an_au_that_the_other_dataset_lacks_is_unknown_and_never_absent(clips):
    found = predict_other_dataset(network(), clips)
    assert set(found.label[:, 0]) == {-1}
    assert set(found.label[:, 1]) == {-1, 0, 1}
    assert np.isfinite(found.probability).all()
    assert set(labelled_for(clips, (1, 4)).labels.ravel()) == {-1}


def occlude(clips, folder, *options):
    return run_script(
        *("occlude_other_dataset", "--weights", folder / "weights.pt", "--clips", clips.path),
        *("--other-dataset", "disfa", "--repeat", 2, "--fold", 3, "--device", "cpu"),
        *("--patch", 8, "--stride", 8, *options, "--output", folder / "occlusion.h5"),
    )


def test_everybodys_face_is_occluded_and_only_aus_in_common_are_written(clips, tmp_path):
    trained = network()
    inputs = trained.network.as_input(torch.from_numpy(clips.read_frames(np.arange(len(clips)))))
    with torch.no_grad():
        # Half of the frames are recognised.
        logits = trained.network(inputs).flatten(0, 1)
        trained.network.classifier[-1].bias -= logits.quantile(0.5, dim=0)
    save_model(trained, tmp_path / "weights.pt")
    done = occlude(clips, tmp_path, "--engine", "naive")
    assert done.returncode == 0, done.stderr
    found = read_occlusion(tmp_path / "occlusion.h5")
    assert (found.run, found.other_dataset) == (Run("facs3d", 2, 3), "disfa")
    assert found.place == "repeat 2, fold 3, on disfa"
    assert found.action_units == (6, 12), "AU 1 has no label there, which is not none present"
    positive = clips.labels[:, :, 1:3] == 1
    np.testing.assert_array_equal(found.n_positive, positive.sum(axis=(0, 1)))
    occluded = inputs.clone()
    occluded[:, :, 8:16, 16:24] = 0.5
    for accuracy, faces in (
        (found.baseline, inputs),
        (found.score[:, 1, 2], occluded),
    ):
        with torch.inference_mode():
            detected = (trained.network(faces).numpy()[:, :, 1:] >= 0) & positive
        np.testing.assert_array_equal(accuracy, detected.sum(axis=(0, 1)) / found.n_positive)
    assert (found.score[:, 1, 2] != found.baseline).any()
    assert not list(tmp_path.glob("*.unfinished.npz"))


def test_nobodys_face_is_occluded_that_was_registered_otherwise(clips, tmp_path):
    with h5py.File(clips.path, "r+") as file:
        expected = registered(centre="eye_line").as_plain()
        file.attrs["expected_input"] = json.dumps(expected)
    save_model(network(), tmp_path / "weights.pt")
    done = occlude(clips, tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "set registration.centre to that" in line
    assert not (tmp_path / "occlusion.h5").exists()


def made(**changes):
    return replace(EXPECTED, **changes)


def registered(**changes):
    return made(registration=asdict(replace(SETTINGS, **changes)))


@pytest.mark.parametrize(
    ("expected_input", "message"),
    [
        (registered(centre="eye_line"), "centre 'eye_line'.*expects 'landmarks'; set registration"),
        (registered(inter_ocular_distance=70.0), "inter_ocular_distance 70.0.*expects 80.0"),
        (made(steps=(2,)), r"are 0.080 s apart.*0.040 s; set sampling.steps to \[1\] in the"),
        (made(steps=(1, 2)), r"are 0.040 to 0.080 s apart, .*set sampling.steps to \[1\]"),
        # 50 frames/s: 0.02 and 0.04 s.
        (made(frames_per_second=50.0), r"are 0.020 s apart.*set sampling.steps to \[2\] in the"),
        (made(frames_per_second=20.0), r"no number of steps gives that at 20 frames/s"),
    ],
)
def test_clips_that_came_about_otherwise_are_refused_with_what_to_set(
    clips, expected_input, message
):
    with pytest.raises(InputError, match=rf"clips\.h5: .*{message}"):
        check_comparable(network(), replace(clips, expected_input=expected_input))


def test_steps_of_the_papers_kind_fit_where_their_seconds_do(clips):
    """BP4D+ at 25 frames/s, each 2nd or 3rd: 0.08 to 0.12 s; DISFA at 20: each 2nd is 0.1 s."""
    trained = network(expected_input=made(steps=(2, 3)))
    check_comparable(
        trained, replace(clips, expected_input=made(steps=(2,), frames_per_second=20.0))
    )
    check_comparable(
        trained, replace(clips, expected_input=made(steps=(2, 3), frames_per_second=24.0))
    )
    check_comparable(
        network(expected_input=made(steps=(2, 3), frames_per_second=20.0)),
        replace(clips, expected_input=made(steps=(3,))),
    )
    with pytest.raises(InputError, match=r"0.100 to 0.150 s apart.*set sampling.steps to \[2\]"):
        check_comparable(
            trained, replace(clips, expected_input=made(steps=(2, 3), frames_per_second=20.0))
        )


def test_other_sizes_and_aus_are_refused_with_what_to_set(clips):
    for shape, message in (
        ((LENGTH + 1, SIDE, SIDE), "9 frames of a clip, the network expects 8; set sampling.clip_"),
        ((LENGTH, 30, 30), "30 px of a face's side, the network expects 24; set sampling.image_si"),
    ):
        with pytest.raises(InputError, match=message):
            check_comparable(network(), replace(clips, frame_shape=shape))
    with pytest.raises(InputError, match=r"AUs \[2, 25\], the network is for \[1, 6, 12\]: none"):
        check_comparable(network(), replace(clips, action_units=(2, 25)))
    unknown = replace(clips, labels=np.full_like(clips.labels, -1))
    with pytest.raises(
        InputError, match=r"no frame has a label of the AUs in common, \[6, 12\]; l"
    ):
        check_comparable(network(), unknown)
    with pytest.raises(InputError, match="does not say how its faces were registered"):
        check_comparable(network(expected_input=ExpectedInput()), clips)


def test_clips_of_an_earlier_version_are_refused_in_one_line(clips, tmp_path):
    save_model(network(), tmp_path / "weights.pt")
    with h5py.File(clips.path, "r+") as file:
        del file.attrs["expected_input"]
    done = run_script(
        *("predict_other_dataset", "--weights", tmp_path / "weights.pt", "--clips", clips.path),
        *("--output", tmp_path / "predictions.csv"),
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "clips.h5: not a clips file, or not all of it (it does not say how" in line
    assert not (tmp_path / "predictions.csv").exists()
