"""Judge the controls: what is known to be there must be found, and nothing else."""

import argparse

import pandas as pd

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.evaluation.controls import (
    MODELS,
    Measured,
    as_table,
    company_shares,
    dose_response,
    false_positives,
    judge_company,
    judge_dynamics,
    judge_null,
    judge_regions,
    judge_statics,
)
from facs3d.evaluation.occlusion.maps import ACCURACY, AUC, MEASURES, read_occlusion
from facs3d.evaluation.tables import SIX_DIGITS, read_table, write_table
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.report.controls_tables import controls_grids, controls_notes
from facs3d.report.figures.controls import draw_controls
from facs3d.report.figures.style import save_figure
from facs3d.report.grid import write_report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--doses",
        type=float,
        nargs="+",
        required=True,
        help="mimicry of each dataset; 0 is statics",
    )
    parser.add_argument("--by-fold", nargs="+", required=True, help="their metrics_by_fold.csv")
    parser.add_argument("--by-subject", nargs="+", required=True, help="metrics_by_subject.csv")
    parser.add_argument("--controlled", type=int, nargs="+", required=True, help="AUs")
    parser.add_argument("--seeds-per-split", type=int, required=True, help="of statics, >= 2")
    parser.add_argument(
        "--together", nargs="+", required=True, help="occlusion files where AUs occur together"
    )
    parser.add_argument("--alone", nargs="+", required=True, help="and where independently")
    parser.add_argument("--min-positive", type=int, required=True, help="recognised for a map")
    for name in ("table", "doses", "null", "company", "html", "png", "pdf"):
        parser.add_argument(f"--output-{name}", required=True)
    add_flags(parser, RegistrationSettings, "registration-")
    args = parser.parse_args()

    registration = from_flags(RegistrationSettings, args, "registration-")
    files = zip(args.doses, args.by_fold, args.by_subject, strict=True)
    measured = {dose: Measured(*map(read_table, paths)) for dose, *paths in files}
    doses = dose_response(measured, *MODELS, args.controlled)
    null = false_positives(measured[0], args.seeds_per_split)
    together, alone = (
        {measure: [read_occlusion(path, measure) for path in paths] for measure in MEASURES}
        for paths in (args.together, args.alone)
    )
    company = pd.concat(
        company_shares(together[measure], alone[measure], registration, args.min_positive)
        for measure in MEASURES
    )
    table = as_table(
        [
            *judge_dynamics(measured, *MODELS, args.controlled),
            *judge_statics(measured[0], *MODELS),
            *judge_null(null),
            *judge_regions(alone[ACCURACY], registration, args.min_positive),
            *judge_regions(alone[AUC], registration, args.min_positive),
            *judge_company(company),
        ]
    )
    write_table(table, args.output_table, SIX_DIGITS)
    write_table(doses, args.output_doses, SIX_DIGITS)
    write_table(null, args.output_null, SIX_DIGITS)
    write_table(company, args.output_company, SIX_DIGITS)
    write_report("Controls", controls_notes(), controls_grids(table, doses), args.output_html)
    save_figure(draw_controls(doses, null, company), args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)
