"""An overview of the new videos that were predicted, or failed: ``index.csv`` and ``index.html``.

The workflow writes it when a run has ended, well or not, so that no bad file can keep it from being
written. Standard library only.
"""

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from facs3d.core.atomic import whole
from facs3d.core.csv_text import written_table
from facs3d.core.errors import InputError

STEPS = ("register_new_video", "predict_aus", "find_events", "plot_aus", "page_aus")
"""The rules whose logs say why a video failed, in their order."""
DRAWING = "draw_aus"
"""One more, where videos are drawn: its log may be of another run else."""
DONE, NO_FACE, FAILED = "done", "no face", "failed"
OF_VIDEO = ("seconds", "frames", "frames_with_face", "notes")
OF_AU = ("present_share", "events_per_minute")
SUMMARY, FACTS, PAGE = "aus.summary.csv", "aus.json", "aus.html"


@dataclass(frozen=True)
class PredictedVideo:
    """One line: ``name`` of its results, the ``video`` file (empty if neither this run nor its
    results name it), why it failed (empty if it did not), and the rows of its summary by AU, if
    there are: of one that failed an earlier run's. ``page``: whether there is one to lead to."""

    name: str
    video: str
    reason: str
    units: Mapping[str, Mapping[str, str]]
    page: bool = True

    @property
    def state(self) -> str:
        """Failed, done, or done without any frame with a face."""
        if self.reason:
            return FAILED
        return NO_FACE if self.of_video("frames_with_face") == "0" else DONE

    def of_video(self, column: str) -> str:
        """A cell of the summary that is the video's."""
        return next((row[column] for row in self.units.values()), "")


def write_index(results: Path, videos: Mapping[str, Path], drawn: bool) -> str:
    """Write the overview of the ``videos`` of a run (name -> file), which were to be ``drawn`` or
    not, and of those before; returns a line that says how the run's went, how many are listed, and
    where."""
    folder = results / "predictions"
    found = collect(folder, results / "logs", videos, drawn)
    write_index_csv(found, folder / "index.csv")
    write_index_page(found, folder / "index.html")
    # Those of this run come first.
    counts = Counter(video.state for video in found[: len(videos)])
    faceless = f", without any face: {counts[NO_FACE]}" if counts[NO_FACE] else ""
    said = f"this run: done: {counts[DONE]}{faceless}, failed: {counts[FAILED]}"
    return f"{said}; listed: {len(found)}, see {folder / 'index.html'}"


def collect(
    folder: Path, logs: Path, videos: Mapping[str, Path], drawn: bool
) -> list[PredictedVideo]:
    """The ``videos`` of this run (name -> file), then others whose results are in the ``folder`` of
    predictions, each by name; ``logs``: the folder of the rules' logs."""
    others = {path.name.removesuffix(f".{SUMMARY}") for path in folder.glob(f"*.{SUMMARY}")}
    names = [*sorted(videos), *sorted(others - {*videos})]
    steps = (*STEPS, DRAWING) if drawn else STEPS
    return [_collected(folder, logs, name, videos.get(name), steps) for name in names]


def _collected(
    folder: Path, logs: Path, name: str, asked: Path | None, steps: tuple[str, ...]
) -> PredictedVideo:
    video = _predicted_file(folder / f"{name}.{FACTS}") if asked is None else str(asked)
    reason = "" if asked is None else _error(logs, name, steps).removeprefix(f"{video}: ")
    summary = folder / f"{name}.{SUMMARY}"
    page = (folder / f"{name}.{PAGE}").exists()
    if not summary.exists():
        reason = reason or f"stopped before it was done; see the logs in {logs}"
        return PredictedVideo(name, video, reason, {}, page)
    try:
        rows = written_table(summary, ("AU", "grade", *OF_VIDEO, *OF_AU), "write it with predict")
        units = {row["AU"]: row for _place, row in rows}
    except InputError as error:
        return PredictedVideo(name, video, reason or str(error), {}, page)
    return PredictedVideo(name, video, reason, units, page)


def _predicted_file(facts: Path) -> str:
    """The file that results are of, as far as they say; else empty."""
    try:
        return str(json.loads(facts.read_text("utf-8"))["video"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def _error(logs: Path, name: str, steps: tuple[str, ...]) -> str:
    """The error of the first step whose log ends with one; empty if none does."""
    for step in steps:
        log = logs / step / f"{name}.log"
        lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
        if lines and lines[-1].startswith("error: "):
            return lines[-1].removeprefix("error: ")
    return ""


def write_index_csv(videos: Sequence[PredictedVideo], path: str | Path) -> None:
    """Write a row per video: its share of time and episodes per minute of every AU, empty where
    there are no results or their network does not know the AU."""
    units = _all_units(videos)
    with whole(path) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        header = ["name", "video", "state", "reason", *OF_VIDEO]
        table.writerow(header + [f"{au}_{column}" for au in units for column in OF_AU])
        for video in videos:
            row = [video.name, video.video, video.state, video.reason]
            row += map(video.of_video, OF_VIDEO)
            for au in units:
                row += [video.units.get(au, {}).get(column, "") for column in OF_AU]
            table.writerow(row)


def write_index_page(videos: Sequence[PredictedVideo], path: str | Path) -> None:
    """Write the page: failed videos with their reasons first, then a row per video that has
    results, with a bar per AU, its height the share of time in which it is present."""
    failed = [video for video in videos if video.reason]
    counts = Counter(video.state for video in videos)
    units = _all_units(videos)
    said = f"{len(videos) - len(failed)} of {len(videos)} videos are done"
    said += f", in {counts[NO_FACE]} of them no face was found" if counts[NO_FACE] else ""
    parts = [f"<h1>{said}{f'; {len(failed)} failed' if failed else ''}</h1>"]
    if failed:
        lines = "\n".join(
            f"<li><b>{escape(video.video or video.name)}</b>: {escape(video.reason)}</li>"
            for video in failed
        )
        parts.append(f'<ul class="failed">\n{lines}\n</ul>')
    heads = ["video", "seconds", "with a face", *units, "frames with notes"]
    head = "".join(f'<th scope="col">{head}</th>' for head in heads)
    rows = "\n".join(_row(video, units) for video in videos if video.units)
    if rows:
        parts.append(f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>")
        parts.append(
            "<p>Bars: share of the time with a face in which the AU is present; gray: the network "
            "is poor on that AU. A video's name leads to its page, which says whom the "
            "network was judged on.</p>"
        )
    with whole(path) as unfinished:
        page = _PAGE.replace("BODY", "\n".join(parts))
        unfinished.write_text(page, encoding="utf-8", newline="\n")


def _row(video: PredictedVideo, units: Sequence[str]) -> str:
    frames, with_face = (int(video.of_video(name)) for name in ("frames", "frames_with_face"))
    bars = "".join(_bar(video.units.get(au)) for au in units)
    name = escape(video.name)
    if video.page:
        name = f'<a href="{quote(f"{video.name}.{PAGE}")}">{name}</a>'
    said = f"<small>{escape(video.video)}</small>" if video.video else ""
    mark = {FAILED: "failed now: earlier results", NO_FACE: "no face found"}.get(video.state, "")
    said += f"<strong>{mark}</strong>" if mark else ""
    return (
        f"<tr><td>{name}{said}</td>"
        f"<td>{float(video.of_video('seconds')):.1f}</td><td>{with_face / frames:.0%}</td>"
        f"{bars}<td>{escape(video.of_video('notes'))}</td></tr>"
    )


def _bar(row: Mapping[str, str] | None) -> str:
    if row is None or not row["present_share"]:
        return "<td></td>"
    share = float(row["present_share"])
    said = f"{row['AU']}: {share:.0%}"
    if row["events_per_minute"]:
        said += f" of the time, {float(row['events_per_minute']):.1f} episodes per minute"
    poor = ' class="poor"' if row["grade"] == "poor" else ""
    return (
        f'<td{poor} title="{said}"><i><b style="height: {share:.0%}"></b></i>'
        f"<small>{share:.0%}</small></td>"
    )


def _all_units(videos: Sequence[PredictedVideo]) -> list[str]:
    return sorted({au for video in videos for au in video.units})


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Predicted videos</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; color: #1a1a1a; margin: 1em; }
h1 { font-size: 1.3em; }
.failed { border-left: 5px solid #d55e00; background: #fdf1e7; padding: .5em .8em .5em 2em; }
.failed li { overflow-wrap: anywhere; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td { font-variant-numeric: tabular-nums; }
th { font-size: 12px; border-bottom: 1px solid; }
th, td { padding: .3em .4em; text-align: right; }
th:first-child, td:first-child, th:last-child, td:last-child { text-align: left; }
td:last-child { font-size: 13px; min-width: 12em; }
td { border-bottom: 1px solid #e5e5e5; }
a { color: #005a8c; }
i { display: flex; align-items: flex-end; width: 2.2em; height: 2em; background: #f0f0f0; }
i b { width: 100%; background: #d55e00; }
.poor i b { background: #8c8c8c; }
small, strong { display: block; font-size: 11px; color: #595959; overflow-wrap: anywhere; }
strong { color: #a84a00; }
</style>
</head>
<body>
BODY
</body>
</html>
"""
