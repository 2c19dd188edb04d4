"""Judge each empirical claim of the paper by these results: holds, does not, cannot be told."""

import argparse

from facs3d.core.program import run
from facs3d.core.seeding import generator
from facs3d.core.settings import add_flags, from_flags
from facs3d.evaluation.claims.bootstrap import scores_of_runs
from facs3d.evaluation.claims.evidence import (
    Evidence,
    evidence_of_paper,
    maps_of_networks,
    stars_of_repeats,
    stars_of_tests,
)
from facs3d.evaluation.claims.paper_claims import CLAIMS
from facs3d.evaluation.claims.verdicts import Rule, judge_claims
from facs3d.evaluation.occlusion.maps import read_occlusion
from facs3d.evaluation.resampling import N_DRAWS
from facs3d.evaluation.runs import read_runs
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.evaluation.tables import SIX_DIGITS, read_table, write_table
from facs3d.evaluation.thresholds import at_thresholds
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.report.claims_tables import claims_findings, claims_grids
from facs3d.report.figures.occlusion_maps import OcclusionMapSettings
from facs3d.report.grid import write_report
from facs3d.report.latex import write_latex


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--predictions",
        required=True,
        nargs="+",
        help="…/<model>/repeat<r>/fold<k>/predictions.csv of every model, repeat and fold",
    )
    parser.add_argument("--metrics", required=True, help="metrics_by_<pairs>.csv")
    parser.add_argument("--corrected-tests", help="table2_repeats.csv, to be told beside")
    parser.add_argument(
        "--occlusion", required=True, nargs="+", help="occlusion files, Fig. 4's first"
    )
    parser.add_argument("--paper-table1", required=True, help="the paper's Table I")
    parser.add_argument("--paper-table2", required=True, help="the paper's Table II")
    parser.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    parser.add_argument("--output-table", required=True, help="CSV, one row per claim")
    parser.add_argument("--output-table-html", required=True)
    parser.add_argument("--output-table-latex", required=True, help="for booktabs")
    judged_by = ("threshold", "thresholds", "pairs")
    rule_names = ("claims_confidence", "claims_repeats")
    add_flags(parser, EvaluationSettings, only=(*judged_by, *rule_names))
    add_flags(parser, RegistrationSettings, "registration-")
    add_flags(parser, OcclusionMapSettings, only=("min_positive",))
    args = parser.parse_args()

    runs = at_thresholds(read_runs(args.predictions), args.thresholds, args.threshold)
    scores = scores_of_runs(runs, args.threshold, N_DRAWS, generator(args.seed, "claims"))
    stars = stars_of_repeats(read_table(args.metrics), args.pairs)
    corrected = None
    if args.corrected_tests:
        corrected = stars_of_tests(read_table(args.corrected_tests), p="p_holm")
    maps = maps_of_networks(
        [read_occlusion(path) for path in args.occlusion],
        from_flags(RegistrationSettings, args, "registration-"),
        args.min_positive,
    )
    ours = Evidence(scores, stars, maps)
    paper = evidence_of_paper(
        *(read_table(path, text=("AU",)) for path in (args.paper_table1, args.paper_table2))
    )
    rule = Rule(args.claims_confidence, args.claims_repeats)
    table = judge_claims(CLAIMS, ours, paper, rule, corrected)
    write_table(table, args.output_table, SIX_DIGITS)
    findings = claims_findings(table, rule)
    grids = claims_grids(table)
    write_report("The paper's claims", findings, list(grids.values()), args.output_table_html)
    write_latex(grids, args.output_table_latex)


if __name__ == "__main__":
    run(main)
