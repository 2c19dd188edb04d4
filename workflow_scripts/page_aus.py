"""Write the AUs of a new video as one page of HTML."""

import argparse
from pathlib import Path

import cv2

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.provenance import read_json
from facs3d.core.settings import add_flags, from_flags
from facs3d.prediction.au_table import read_au_table
from facs3d.prediction.events import EventSettings, find_events
from facs3d.prediction.face_sheet import make_face_sheet
from facs3d.prediction.faces import open_faces
from facs3d.report.aus_page import write_aus_page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aus", required=True, help="<video>.aus.csv of predict")
    parser.add_argument("--provenance", type=Path, required=True, help="<video>.aus.json of it")
    parser.add_argument("--figure", type=Path, required=True, help="<video>.aus.png of plot_aus")
    parser.add_argument("--faces", help="faces.h5 of register_new_video; without it none are shown")
    parser.add_argument("--title", required=True, help="name of the video")
    parser.add_argument("--output", required=True, help="page to write (.html)")
    add_flags(parser, EventSettings)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    table = read_au_table(args.aus)
    sheet = None
    if args.faces:
        with open_faces(args.faces) as faces:
            if len(faces.seconds) != len(table.seconds):
                raise InputError(
                    f"{args.faces}: of {len(faces.seconds)} frames, but {args.aus} has "
                    f"{len(table.seconds)}; predict the video again"
                )
            sheet = make_face_sheet(faces)
    events = find_events(table, from_flags(EventSettings, args))
    facts = read_json(args.provenance, "predict the video again")
    figure = args.figure.read_bytes()
    write_aus_page(table, events, args.title, facts, figure, sheet, args.output)


if __name__ == "__main__":
    run(main)
