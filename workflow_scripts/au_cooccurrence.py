"""Jaccard index of every pair of AUs over the labelled frames of all clips (Fig. 5)."""

import argparse

from facs3d.core.program import run
from facs3d.evaluation.cooccurrence import cooccurrence, jaccard_matrix, most_alike_first
from facs3d.evaluation.tables import write_table
from facs3d.preprocessing.clips import open_clips
from facs3d.report.figures.cooccurrence import draw_cooccurrence
from facs3d.report.figures.style import save_figure
from facs3d.report.grid import write_html
from facs3d.report.plain_table import plain_grid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", required=True, help="clips.h5")
    parser.add_argument("--output-table", required=True, help="CSV, one row per pair")
    parser.add_argument("--output-table-html", help="the same as a page of HTML")
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    args = parser.parse_args()
    clips = open_clips(args.clips)
    pairs = cooccurrence(clips.labels, clips.action_units)
    write_table(pairs, args.output_table)
    if args.output_table_html:
        caption = "Pairs of AUs by their co-occurrence (Jaccard index)"
        write_html(plain_grid(most_alike_first(pairs), caption), args.output_table_html)
    save_figure(draw_cooccurrence(jaccard_matrix(pairs)), args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)
