"""Draw an AU's time course in one video: coded, and as each model sees it (Fig. 1)."""

import argparse

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.evaluation.runs import read_runs
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.preprocessing.clips import open_clips
from facs3d.report.figures.style import save_figure
from facs3d.report.figures.time_course import TimeCourseSettings, draw_time_course


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", required=True, help="clips.h5")
    parser.add_argument(
        "--predictions",
        required=True,
        nargs="+",
        help="…/<model>/repeat<r>/fold<k>/predictions.csv",
    )
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    add_flags(parser, TimeCourseSettings)
    add_flags(parser, EvaluationSettings, only=("threshold",))
    args = parser.parse_args()
    settings = from_flags(TimeCourseSettings, args)
    clips, runs = open_clips(args.clips), read_runs(args.predictions)
    figure = draw_time_course(clips, runs, settings, args.threshold)
    save_figure(figure, args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)
