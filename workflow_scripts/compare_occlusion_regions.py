"""Compare occlusion maps with the FACS region of each AU: a table and the regions' outlines."""

import argparse

import pandas as pd

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.evaluation.cooccurrence import jaccard_matrix
from facs3d.evaluation.occlusion.maps import MEASURES, read_occlusion
from facs3d.evaluation.occlusion.regions import region_table
from facs3d.evaluation.tables import read_table, write_table
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.report.figures.au_regions import draw_au_regions
from facs3d.report.figures.occlusion_maps import OcclusionMapSettings
from facs3d.report.figures.style import save_figure
from facs3d.report.grid import write_report
from facs3d.report.model_names import full_name
from facs3d.report.region_tables import REGION_NOTES, region_grids


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--occlusion", required=True, help="occlusion/<model>/repeat<r>/fold<k>.h5")
    parser.add_argument("--cooccurrence", required=True, help="cooccurrence.csv, one row per pair")
    parser.add_argument("--output-table", required=True, help="CSV, one row per measure and AU")
    parser.add_argument("--output-table-html", required=True)
    parser.add_argument("--output-png", required=True, help="the regions on the mean face")
    parser.add_argument("--output-pdf", required=True)
    add_flags(parser, RegistrationSettings, "registration-")
    add_flags(parser, OcclusionMapSettings, only=("min_positive",))
    args = parser.parse_args()
    registration = from_flags(RegistrationSettings, args, "registration-")
    by_measure = [read_occlusion(args.occlusion, measure) for measure in MEASURES]
    jaccard = jaccard_matrix(read_table(args.cooccurrence))
    table = pd.concat(
        region_table(one, jaccard, registration, args.min_positive) for one in by_measure
    )
    write_table(table, args.output_table)
    occlusion = by_measure[0]
    title = f"Occlusion maps and FACS regions: {full_name(occlusion.run.model)}, {occlusion.place}"
    write_report(title, list(REGION_NOTES), region_grids(table), args.output_table_html)
    figure = draw_au_regions(occlusion.mean_face, occlusion.action_units, registration)
    save_figure(figure, args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)
