"""What the controls vary in the synthetic data: who looks like an AU, which AUs come together."""

from pathlib import Path

import numpy as np
import pytest

from facs3d.core.action_units import PAPER_AUS
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.settings import SamplingSettings
from facs3d.synthetic.clips import render_clip
from facs3d.synthetic.dataset import SyntheticSettings, subject_offsets, write_video
from facs3d.synthetic.examples import render_examples
from facs3d.synthetic.performance import draw_intensities

NAMES = ("F001", "T1")


def offsets_of_all(settings: SyntheticSettings) -> np.ndarray:
    return np.array([subject_offsets(3, f"F{n}", settings) for n in range(800)])


def test_each_au_is_mimicked_at_its_own_share():
    aus = (1, 4, 23)
    whole = offsets_of_all(SyntheticSettings(dynamics_control=aus, mimicry=2))
    scaled = offsets_of_all(
        SyntheticSettings(dynamics_control=aus, mimicry=2, mimicry_scale=(1, 0.5, 0))
    )
    deviation = dict(zip(PAPER_AUS, scaled.std(0), strict=True))
    assert deviation[1] == pytest.approx(1.9, abs=0.1)  # 2, cut at two standard deviations
    assert deviation[4] == pytest.approx(0.95, abs=0.05)
    assert sum(value > 0 for value in deviation.values()) == 2
    # The same people, more or less of it.
    assert (scaled[:, 0] == whole[:, 0]).all()
    assert (scaled[:, 2] == whole[:, 2] / 2).all()


def performed(tmp_path: Path, settings: SyntheticSettings) -> list[list]:
    """The intensities that a video and a clip of the same name are rendered of."""
    seen = []

    def film(intensities, rng):
        seen.append(intensities.tolist())
        yield from ((np.zeros((320, 288, 3), np.uint8), np.zeros((2, 2))) for _ in intensities)

    sampling = SamplingSettings(clip_length=8, steps=(1,))
    write_video(tmp_path, film, *NAMES, 5, settings)
    with pytest.raises(InputError, match="0 usable frames"):
        render_clip(film, NAMES, 5, PAPER_AUS, (settings, RegistrationSettings(), sampling))
    return seen


@pytest.mark.parametrize("together", ["paper", "independent"])
def test_aus_come_together_as_the_settings_say(tmp_path, together):
    expected = draw_intensities(generator(5, "video", *NAMES), 12, 0.14, together)
    settings = SyntheticSettings(frames=12, together=together)
    assert performed(tmp_path, settings) == 2 * [expected.tolist()]
    assert expected.any()


@pytest.mark.parametrize("scale", [(), (1.0, 0.5)])
def test_the_examples_show_aus_on_a_face_that_mimics_none(scale):
    settings = SyntheticSettings(subjects=1, dynamics_control=(1, 2), mimicry_scale=scale)
    shown = []

    class Source:
        model = (1, "F009")

        def subject(self, seed, name, settings):
            return subject_offsets(seed, name, settings)

        def picture(self, subject, intensities, side, iod):
            shown.append(subject)
            return np.zeros((side, side, 3), np.uint8)

    titles = [title for title, _ in render_examples(Source(), 1, settings)]
    assert titles[0] == "neutral"
    assert not shown[0].any()
    assert shown[-1].any(), "the dataset's people do"
