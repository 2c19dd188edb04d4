"""Compare networks on held-out subjects with the same networks on other datasets."""

import argparse
from dataclasses import replace

import pandas as pd

from facs3d.core.program import run
from facs3d.core.settings import add_flags
from facs3d.evaluation.across import (
    check_same_networks,
    common_aus,
    compare_datasets,
    metrics_across,
)
from facs3d.evaluation.runs import other_dataset_of, read_runs
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.evaluation.tables import SIX_DIGITS, write_table
from facs3d.evaluation.thresholds import CHOSEN, choose_thresholds, move_thresholds
from facs3d.report.across_tables import HOW_TO_READ, across_findings, across_grids
from facs3d.report.grid import write_report
from facs3d.report.latex import write_latex


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, help="name of the one trained on")
    parser.add_argument(
        "--predictions",
        required=True,
        nargs="+",
        help="…/<model>/repeat<r>/fold<k>/predictions.csv of held-out subjects, in table order",
    )
    parser.add_argument(
        "--across",
        required=True,
        nargs="+",
        help="…/<other dataset>/<model>/repeat<r>/fold<k>/predictions.csv of every network there",
    )
    parser.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    parser.add_argument("--output-table", required=True, help="CSV: within, across, drop")
    parser.add_argument("--output-table-html", required=True)
    parser.add_argument("--output-table-latex", required=True, help="for booktabs")
    parser.add_argument("--output-by-fold", required=True, help="CSV: every metric there")
    parser.add_argument("--output-by-subject", required=True)
    add_flags(parser, EvaluationSettings, only=("threshold", "thresholds"))
    args = parser.parse_args()

    others = {path: other_dataset_of(path) for path in args.across}
    within, chosen = read_runs(args.predictions), None
    notes: tuple[str, ...] = HOW_TO_READ
    if args.thresholds == "training":
        chosen, notes = choose_thresholds(within), (*HOW_TO_READ, CHOSEN)
        within = move_thresholds(within, chosen, args.threshold)
    tables: list[pd.DataFrame] = []
    tidy: dict[str, list[pd.DataFrame]] = {"fold": [], "subject": []}
    for other in dict.fromkeys(others.values()):
        across = read_runs(path for path in args.across if others[path] == other)
        check_same_networks(within, across, other)
        if chosen is not None:
            across = move_thresholds(across, chosen, args.threshold)
        tables.append(compare_datasets(within, across, other, args.threshold, args.seed))
        aus = common_aus(within, across, other)
        for unit, parts in tidy.items():
            metrics = metrics_across(across, aus, unit, args.threshold)
            metrics.insert(4, "other_dataset", other)
            parts.append(metrics)
    table = pd.concat(tables, ignore_index=True)
    write_table(table, args.output_table, SIX_DIGITS)
    write_table(pd.concat(tidy["fold"]), args.output_by_fold)
    write_table(pd.concat(tidy["subject"]), args.output_by_subject)
    grids = across_grids(table, args.dataset, notes)
    write_report(
        f"Across datasets: networks trained on {args.dataset}",
        [*across_findings(table), *notes],
        [replace(grid, notes=()) for grid in grids.values()],
        args.output_table_html,
    )
    write_latex(grids, args.output_table_latex)


if __name__ == "__main__":
    run(main)
