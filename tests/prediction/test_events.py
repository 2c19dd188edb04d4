"""Events against courses whose episodes are counted by hand."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from facs3d.prediction.au_table import AuTable
from facs3d.prediction.events import (
    EventSettings,
    describe_holes,
    find_events,
    frame_ends,
    summarise,
    write_events,
    write_summary,
)
from tests.support.scripts import run_script

RULE = EventSettings(longest_gap=0.2, shortest=0.2)


def course(text, step=0.1, seconds=None):
    """A table of AU 12 by one letter per frame: ``#`` present (0.9), ``+`` present (0.6), ``.``
    absent (0.2), a space for a frame without a face."""
    values = {"#": 0.9, "+": 0.6, ".": 0.2, " ": np.nan}
    probability = np.array([[values[letter]] for letter in text])
    if seconds is None:
        # As the table's file has them.
        seconds = np.round(np.arange(len(text)) * step, 3)
    return AuTable((12,), np.asarray(seconds, float), probability, probability >= 0.6)


def spans(table, rule=RULE):
    return [(event.start_frame, event.end_frame) for event in find_events(table, rule)]


def test_an_event_by_hand():
    (event,) = find_events(course("..+#+#...."), RULE)
    assert (event.au, event.start_frame, event.apex_frame, event.end_frame) == (12, 2, 3, 5)
    assert (event.start, event.apex, event.end) == pytest.approx((0.2, 0.3, 0.6))
    assert event.duration == pytest.approx(0.4)
    assert (event.peak_probability, event.mean_probability) == pytest.approx((0.9, 0.75))
    assert (event.lost_share, event.cut) == (0, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("..........", []),
        ("          ", []),
        # Two frames are 0.2 s: a gap is closed, an event is kept.
        ("###..###..", [(0, 7)]),
        ("###...###.", [(0, 2), (6, 8)]),
        ("...##.....", [(3, 4)]),
        ("...#......", []),
        # Gaps are closed first: what single frames are part of may last.
        ("...#..#...", [(3, 6)]),
        # Frames without a face are a gap, alone or with others; and no end of an event.
        ("##  ##....", [(0, 5)]),
        ("##   ##...", [(0, 1), (5, 6)]),
        ("## .##....", [(0, 5)]),
        ("  ##  ....", [(2, 3)]),
    ],
)
def test_gaps_are_closed_and_blips_are_dropped(text, expected):
    assert spans(course(text)) == expected


@pytest.mark.parametrize("rate", [20, 25, 30, 60, 30000 / 1001])
def test_exactly_the_settings_length_counts_wherever_it_lies(rate):
    """Of times rounded to 1/1000 s as well."""
    n = 6
    rule = EventSettings(longest_gap=n / rate, shortest=n / rate)
    for at in range(1, 40):
        for after in ("", "..."):
            event, blip = "#" * n, "#" * (n - 1)
            before = "." * at
            assert spans(course(before + event + after, 1 / rate), rule) == [(at, at + n - 1)]
            assert spans(course(before + blip + after, 1 / rate), rule) == []
            closed = before + event + "." * n + event + after
            assert len(spans(course(closed, 1 / rate), rule)) == 1
            parted = before + event + "." * (n + 1) + event + after
            assert len(spans(course(parted, 1 / rate), rule)) == 2


def test_settings_of_zero_take_every_run():
    rule = EventSettings(longest_gap=0, shortest=0)
    assert spans(course("#.#. #"), rule) == [(0, 0), (2, 2), (5, 5)]


def test_at_the_videos_ends_and_beside_lost_frames_an_event_is_cut():
    events = find_events(course("##...##   ...   ##...##...##"), RULE)
    assert [event.cut for event in events] == ["start", "end", "start", "", "end"]
    assert events[-1].end == pytest.approx(2.8)
    (event,) = find_events(course("###"), RULE)
    assert (event.start, event.end, event.cut) == (0, pytest.approx(0.3), "start end")


def test_of_frames_lost_inside_the_mean_knows_nothing():
    (event,) = find_events(course(".#  +#."), RULE)
    assert (event.start_frame, event.end_frame) == (1, 5)
    assert event.lost_share == pytest.approx(2 / 5)
    assert event.mean_probability == pytest.approx((0.9 + 0.6 + 0.9) / 3)


def test_time_counts_and_not_frames_where_the_rate_varies():
    """Frames end when the next begins: the first run lasts 0.1 s, the second, of as many frames,
    2 s, of which 1.5 s at 0.9."""
    table = course(".++..#+.", seconds=[0, 1, 1.05, 1.1, 2, 3, 4.5, 5])
    np.testing.assert_allclose(frame_ends(table.seconds), [1, 1.05, 1.1, 2, 3, 4.5, 5, 5.5])
    (event,) = find_events(table, RULE)
    assert (event.start, event.end) == (3, 5)
    assert event.mean_probability == pytest.approx((1.5 * 0.9 + 0.5 * 0.6) / 2)


def test_events_of_several_aus_are_in_the_order_of_time():
    first, second = course("...###"), course("##..##")
    table = replace(
        first,
        action_units=(6, 12),
        probability=np.hstack((first.probability, second.probability)),
        present=np.hstack((first.present, second.present)),
    )
    rule = replace(RULE, longest_gap=0.1)
    found = [(event.au, event.start_frame) for event in find_events(table, rule)]
    assert found == [(12, 0), (6, 3), (12, 4)]


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_the_summary_by_hand(tmp_path):
    """6 s at 10 frames/s, 2.9 s of them with a face; present for 0.3 s and for 0.6 s, of which
    0.1 s without a face, so in 0.8 s of 2.9 s."""
    table = course("..###....." + "#### #....." + " " * 30 + "." * 9)
    table = replace(table, noted={"dark": np.arange(60) < 7, "small": np.arange(60) < 2})
    events = find_events(table, RULE)
    assert [(event.start_frame, event.end_frame) for event in events] == [(2, 4), (10, 15)]
    write_summary(summarise(table, events), tmp_path / "summary.csv")
    (row,) = rows(tmp_path / "summary.csv")
    assert row == {
        "AU": "AU12",
        "name": "lip corner puller",
        "grade": "",
        "present_share": f"{8 / 29:.4f}",
        "events": "2",
        "events_per_minute": f"{2 / 2.9 * 60:.3f}",
        "mean_duration": "0.450",
        "mean_probability": f"{(8 * 0.9 + 21 * 0.2) / 29:.4f}",
        "frames": "60",
        "frames_with_face": "29",
        "frames_lost": "31",
        "seconds": "6.000",
        "seconds_with_face": "2.900",
        "notes": "dark: 7; small: 2",
    }
    write_events(events, tmp_path / "events.csv")
    assert rows(tmp_path / "events.csv")[1] == {
        "AU": "AU12",
        "start": "1.000",
        "apex": "1.000",
        "end": "1.600",
        "duration": "0.600",
        "start_frame": "10",
        "apex_frame": "10",
        "end_frame": "15",
        "peak_probability": "0.9000",
        "mean_probability": "0.9000",
        "lost_share": "0.1667",
        "cut": "",
    }


def test_a_video_without_any_face_has_a_summary_without_numbers(tmp_path):
    write_summary(summarise(course("     "), []), tmp_path / "summary.csv")
    (row,) = rows(tmp_path / "summary.csv")
    empty = {"present_share", "events_per_minute", "mean_duration", "mean_probability"}
    assert {name for name, cell in row.items() if not cell} == {"grade", "notes", *empty}
    assert (row["events"], row["frames_lost"], row["seconds"]) == ("0", "5", "0.500")


def test_an_image_has_a_mean_and_no_time(tmp_path):
    table = course("#")
    assert find_events(table, RULE) == []
    write_summary(summarise(table, []), tmp_path / "summary.csv")
    (row,) = rows(tmp_path / "summary.csv")
    assert (row["mean_probability"], row["present_share"]) == ("0.9000", "1.0000")
    assert (row["events_per_minute"], row["seconds"]) == ("", "0.000")


def test_the_script_reads_what_predict_wrote(tmp_path):
    lines = ["frame,time,note,AU12,AU12_present,AU12_grade,trained_on,real_faces"]
    for frame, letter in enumerate(".####. ...##.."):
        cells = {"#": "0.9,1", ".": "0.2,0", " ": ","}[letter]
        note = "no face" if letter == " " else "dark: brightness 20" if frame < 3 else ""
        lines.append(f"{frame},{frame / 10:.3f},{note},{cells},poor,rendered people,none")
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    files = ("--output-events", tmp_path / "events.csv", "--output-summary", tmp_path / "sum.csv")
    done = run_script("find_events", "--aus", tmp_path / "a.csv", "--shortest", "0.3", *files)
    assert done.returncode == 0, done.stderr
    (event,) = rows(tmp_path / "events.csv")
    assert (event["start"], event["end"]) == ("0.100", "0.500")
    (summary,) = rows(tmp_path / "sum.csv")
    assert (summary["grade"], summary["notes"]) == ("poor", "dark: 3")
    done = run_script("find_events", "--aus", tmp_path / "a.csv", "--shortest", "-1", *files)
    assert "error: predict.events.shortest is -1" in done.stderr


def test_a_hole_in_the_recording_lengthens_no_event(tmp_path):
    """At 25 frames/s a frame lasts at most 0.12 s (and 2 ms of rounding): what is present on both
    sides of 5 s without a frame is two events, which may have lasted longer."""
    seconds = np.round(np.concatenate((np.arange(10), 9 + 125 + np.arange(10))) / 25, 3)
    table = course("...#######" + "#######...", seconds=seconds)
    first, second = find_events(table, RULE)
    assert (first.start_frame, first.end_frame, first.cut) == (3, 9, "end")
    assert (second.start_frame, second.end_frame, second.cut) == (10, 16, "start")
    assert first.end == pytest.approx(0.36 + 0.122)
    assert second.start == seconds[10]
    (row,) = summarise(table, [first, second])
    assert float(row["seconds"]) == pytest.approx(5.76)
    assert float(row["seconds_with_face"]) == pytest.approx(19 * 0.04 + 0.122)
    said = describe_holes(seconds)
    assert said.startswith("Holes in the recording's times: 1, in all 4.9 s")


def test_a_hole_no_longer_than_a_gap_is_closed():
    """A step of 0.3 s ends 0.178 s after the frame before it does."""
    for step, expected in ((0.3, [(0, 11)]), (0.34, [(0, 5), (6, 11)])):
        seconds = np.concatenate((np.arange(6) / 25, 0.2 + step + np.arange(6) / 25))
        assert spans(course("#" * 12, seconds=seconds)) == expected


def test_a_varying_rate_has_no_holes():
    """Half of 30 frames/s in the dark, now and then a frame left out."""
    steps = np.tile([1, 1, 2, 2, 3, 1, 1], 20) / 30
    seconds = np.round(np.concatenate(([0], np.cumsum(steps))), 3)
    np.testing.assert_array_equal(frame_ends(seconds)[:-1], seconds[1:])
    assert describe_holes(seconds) == describe_holes(np.zeros(1)) == ""
