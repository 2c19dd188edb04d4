"""Find the episodes of each AU in a new video, and sum them up."""

import argparse
import sys

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.prediction.au_table import read_au_table
from facs3d.prediction.events import (
    EventSettings,
    describe_holes,
    find_events,
    summarise,
    write_events,
    write_summary,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aus", required=True, help="<video>.aus.csv of predict")
    parser.add_argument("--output-events", required=True, help="a row per episode (.csv)")
    parser.add_argument("--output-summary", required=True, help="a row per AU (.csv)")
    add_flags(parser, EventSettings)
    args = parser.parse_args()
    table = read_au_table(args.aus)
    if said := describe_holes(table.seconds):
        print(f"note: {said}", file=sys.stderr)
    events = find_events(table, from_flags(EventSettings, args))
    write_events(events, args.output_events)
    write_summary(summarise(table, events), args.output_summary)


if __name__ == "__main__":
    run(main)
