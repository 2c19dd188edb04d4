"""Bad timestamps are replaced where they are, and no others."""

import numpy as np
import pytest

from facs3d.prediction.frame_times import INTERPOLATED, RESTARTED, repair_times

EVEN = np.arange(12) / 25


@pytest.mark.parametrize(
    ("place", "stamp"), [(3, 7.0), (3, 0.0), (3, 2 / 25), (0, 5.0), (6, 0.05), (4, 1000.0)]
)
def test_a_bad_one_is_interpolated(place, stamp):
    stamps = EVEN.copy()
    stamps[place] = stamp
    seconds, marks = repair_times(stamps)
    np.testing.assert_allclose(seconds, EVEN, atol=1e-12)
    assert np.delete(seconds, place).tolist() == np.delete(EVEN, place).tolist()
    assert marks.tolist() == [INTERPOLATED if n == place else 0 for n in range(12)]


@pytest.mark.parametrize("bad", [(9.0, 9.04, 9.08), (0.0, 0.0, 0.0)])
def test_several_bad_ones_are(bad):
    stamps = EVEN.copy()
    stamps[4:7] = bad
    seconds, marks = repair_times(stamps)
    np.testing.assert_allclose(seconds, EVEN, atol=1e-12)
    assert np.flatnonzero(marks == INTERPOLATED).tolist() == [4, 5, 6]


def test_an_uneven_clock_stays_as_it_is():
    stamps = np.array([0, 0.02, 0.1, 3.0, 3.01, 60.0])
    seconds, marks = repair_times(stamps)
    assert seconds.tolist() == stamps.tolist()
    assert not marks.any()


@pytest.mark.parametrize("before", [3, 9, 300])
@pytest.mark.parametrize("after", [1, 2, 200])
@pytest.mark.parametrize("start", [0.0, 0.04])
def test_a_clock_that_restarts_goes_on(before, after, start):
    stamps = np.concatenate([np.arange(before) / 25, start + np.arange(after) / 25])
    seconds, marks = repair_times(stamps)
    assert np.flatnonzero(marks).tolist() == [before]
    assert marks[before] == RESTARTED
    np.testing.assert_allclose(np.diff(seconds), 1 / 25)


def test_three_files_joined():
    seconds, marks = repair_times(np.concatenate([EVEN, EVEN[:5], EVEN]))
    np.testing.assert_allclose(seconds, np.arange(29) / 25)
    assert np.flatnonzero(marks == RESTARTED).tolist() == [12, 17]


@pytest.mark.parametrize("stamps", [[0.0, 0.0], [0.0] * 9, [0.0, 0.04, 0.0, 0.0, 0.0]])
def test_there_may_be_no_times(stamps):
    assert repair_times(np.array(stamps)) is None


@pytest.mark.parametrize("stamps", [[], [0.5]])
def test_of_one_frame_there_is_nothing_to_repair(stamps):
    assert repair_times(np.array(stamps))[0].tolist() == stamps
