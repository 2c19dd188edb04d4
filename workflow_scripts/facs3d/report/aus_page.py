"""The AUs of a new video as one page of HTML, to be looked at and moved through, without a network.

Its look is ``aus_page.css``, what moves it ``aus_page.js``; without JavaScript it shows the figure.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path, PurePath
from string import Template
from typing import Any

import numpy as np

from facs3d.core.action_units import FACS_NAMES, au_column
from facs3d.core.atomic import whole
from facs3d.prediction.au_table import AuTable
from facs3d.prediction.events import Event, describe_holes, frame_ends, longest_frame, summarise
from facs3d.prediction.face_sheet import FaceSheet
from facs3d.prediction.notes import runs
from facs3d.training.judgement import ELSEWHERE, FAIR, GOOD, LIMITS, POOR, of_real_faces

FOLDER = Path(__file__).parent
TEMPLATE, STYLE, SCRIPT = "aus_page.html", "aus_page.css", "aus_page.js"
LOST, PRESENT = 255, 128
"""A byte says probability and presence of a frame: hundredths, the upper bit, or that there is no
face."""
SHOWN = {
    "present_share": "{:.0%}",
    "events_per_minute": "{:.1f}",
    "mean_duration": "{:.2f} s",
    "mean_probability": "{:.2f}",
}
"""How the page shows columns of the summary."""


def write_aus_page(
    table: AuTable,
    events: Sequence[Event],
    title: str,
    facts: Mapping[str, Any],
    figure: bytes,
    faces: FaceSheet | None,
    path: str | Path,
) -> None:
    """Write the page; ``facts``: the prediction's provenance; ``figure``: the PNG of
    :mod:`facs3d.report.figures.au_course`; ``faces``: None shows none."""
    template = Template((FOLDER / TEMPLATE).read_text("utf-8"))
    summary = summarise(table, events)
    data = json.dumps(_data(table, events, facts, faces), separators=(",", ":"))
    page = template.substitute(
        title=escape(title),
        style=(FOLDER / STYLE).read_text("utf-8"),
        script=(FOLDER / SCRIPT).read_text("utf-8"),
        facts=_facts(table, facts, summary[0]),
        legend=_UNRELIABLE_LEGEND if POOR in table.grades else "",
        figure=b64encode(figure).decode(),
        side=faces.side if faces else 1,
        sheet=_SHEET.format(b64encode(faces.jpeg).decode()) if faces else "",
        tables=_summary_table(table, summary, facts) + _event_table(table, events),
        # A tag would end the script that the data are in.
        data=data.replace("<", "\\u003c"),
    )
    with whole(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8", newline="\n")


def _data(
    table: AuTable, events: Sequence[Event], facts: Mapping[str, Any], faces: FaceSheet | None
) -> dict[str, Any]:
    milliseconds = np.round(table.seconds * 1000).astype(int)
    columns = {au: column for column, au in enumerate(table.action_units)}
    spans = [
        [columns[event.au], event.start_frame, event.apex_frame, event.end_frame]
        for event in events
    ]
    return {
        "steps": np.diff(milliseconds, prepend=0).tolist(),
        "end": round(float(frame_ends(table.seconds)[-1]) * 1000),
        "longest": round(longest_frame(table.seconds) * 1000),
        "aus": [_au_data(table, column, facts) for column in range(len(columns))],
        "events": spans,
        "noted": [{"kind": kind, "runs": runs(mask)} for kind, mask in table.noted.items()],
        "faces": faces
        and {"side": faces.side, "columns": faces.columns, "frames": faces.frames.tolist()},
    }


def _au_data(table: AuTable, column: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    au = table.action_units[column]
    probability, present = table.probability[:, column], table.present[:, column]
    lost = np.isnan(probability)
    hundredths = np.round(np.where(lost, 0, probability) * 100)
    values = np.where(lost, LOST, hundredths + PRESENT * present).astype(np.uint8)
    return {
        "id": au_column(au),
        "name": FACS_NAMES.get(au, ""),
        "grade": _grade(table, column),
        "mark": _mark(table, column),
        "threshold": _of_au(facts, au).get("threshold", facts.get("threshold")),
        "values": b64encode(values.tobytes()).decode(),
    }


def _grade(table: AuTable, column: int) -> str:
    return table.grades[column] if table.grades else ""


def _mark(table: AuTable, column: int) -> str:
    """What is said of an AU whose grade is not good."""
    grade = _grade(table, column)
    return "" if grade == GOOD else grade


def _of_au(facts: Mapping[str, Any], au: int) -> Mapping[str, Any]:
    return facts.get("action_units", {}).get(au_column(au), {})


def _facts(table: AuTable, facts: Mapping[str, Any], video: Mapping[str, object]) -> str:
    """What is known of the network, and of the ``video`` by a row of its summary."""
    said = f"{video['frames']} frames, {float(str(video['seconds'])):.1f} s; a face in "
    lines = [said + f"{video['frames_with_face']} of them"]
    if "video" in facts:
        # No folders: the page is sent to others.
        lines.insert(0, f"Video: {PurePath(facts['video']).name}")
    lines += [f"Frames with notes: {video['notes']}"] if video["notes"] else []
    holes = describe_holes(table.seconds)
    lines += [holes] if holes else []
    lines += [f"The file: {facts['remarks']}"] if facts.get("remarks") else []
    paragraphs = [f"<p>{escape(line)}.</p>" for line in lines]
    return "\n".join([f'<p class="warning">{_warning(table, facts)}</p>', *paragraphs])


def _warning(table: AuTable, facts: Mapping[str, Any]) -> str:
    """Whom the network was trained and judged on, and which AUs it is poor on."""
    if not table.grades:
        return _NOT_JUDGED
    said = f"The network was trained on {table.trained_on}"
    said += f", and judged on {facts['judged_on']}" if "judged_on" in facts else ""
    graded = zip(map(au_column, table.action_units), table.grades, strict=True)
    poor = ", ".join(au for au, grade in graded if grade == POOR)
    parts = [
        f"<b>{escape(said)}.</b>",
        of_real_faces(table.real_faces, table.action_units),
        ELSEWHERE,
    ]
    if poor:
        parts.append(f"Poor by what is known, so do not rely on them here, drawn in gray: {poor}.")
    if FAIR in table.grades:
        parts.append(_FAIR)
    return " ".join(filter(None, parts))


def _summary_table(
    table: AuTable, summary: Sequence[Mapping[str, object]], facts: Mapping[str, Any]
) -> str:
    judged = bool(table.grades)
    heads = ["AU", "name"] + ["least AUC", "grade"] * judged
    heads += ["time present", "episodes per minute", "mean duration", "mean probability"]
    rows = []
    for column, row in enumerate(summary):
        auc = _of_au(facts, table.action_units[column]).get("auc")
        grade = _mark(table, column) or row["grade"]
        cells = [row["AU"], row["name"]]
        cells += ["" if auc is None else f"{auc:.2f}", grade] if judged else []
        for name, shown in SHOWN.items():
            cells.append(shown.format(float(str(row[name]))) if row[name] else "")
        rows.append(_row(cells, _grade(table, column)))
    return _table("Action units", heads, rows)


def _event_table(table: AuTable, events: Sequence[Event]) -> str:
    if not events:
        return "<h2>Events</h2>\n<p>No AU is present for long enough to count.</p>\n"
    rows = []
    for number, event in enumerate(events):
        column = table.action_units.index(event.au)
        start = f'<a href="#figure" data-event="{number}">{event.start:.2f} s</a>'
        remarks = [_mark(table, column)] if table.grades else []
        remarks += [f"cut at its {event.cut.replace(' ', ' and ')}"] if event.cut else []
        remarks += [f"{event.lost_share:.0%} without a face"] if event.lost_share else []
        cells = [au_column(event.au), FACS_NAMES.get(event.au, ""), f"{event.duration:.2f} s"]
        cells += [f"{event.peak_probability:.2f}", f"{event.mean_probability:.2f}"]
        cells += [", ".join(filter(None, remarks))]
        rows.append(_row(cells, _grade(table, column), start))
    heads = ["start", "AU", "name", "duration", "peak", "mean", "remarks"]
    return _table("Events", heads, rows, "scroll long")


def _row(cells: Sequence[object], grade: str, start: str = "") -> str:
    """A row of the AU, its name and more, after a link to its ``start``."""
    au, name, *others = (escape(str(cell)) for cell in cells)
    inner = f"<td>{start}</td>" if start else ""
    inner += f'<td>{au}</td><td class="name">{name}</td>'
    inner += "".join(f"<td>{cell}</td>" for cell in others)
    return f'<tr class="poor">{inner}</tr>' if grade == POOR else f"<tr>{inner}</tr>"


def _table(caption: str, heads: Sequence[str], rows: Sequence[str], style: str = "scroll") -> str:
    head = "".join(
        f'<th scope="col"{_NAME if head == "name" else ""}>{head}</th>' for head in heads
    )
    body = "\n".join(rows)
    return (
        f'<h2>{caption}</h2>\n<div class="{style}"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>\n"
    )


_NAME = ' class="name"'
_SHEET = '<img id="sheet" hidden alt="" src="data:image/jpeg;base64,{}">'
_UNRELIABLE_LEGEND = '<span><i class="unreliable"></i>gray: an AU graded poor</span>'
_FAIR = (
    f"Fair: an AUC of {LIMITS['auc'][1]:.2f} or more, {LIMITS['found'][1]:.0%} or more of the "
    f"frames with the AU found, at most {LIMITS['false_calls'][1]:.0%} of those without it called; "
    "or good, but not known of enough real people."
)
_NOT_JUDGED = (
    "Nothing is known of how well this network does on people it was not trained on: its weights "
    "were not judged."
)
