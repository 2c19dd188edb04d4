"""Compute every metric per fold and subject (and video), and the paper's Table I."""

import argparse
import sys

from facs3d.core.program import run
from facs3d.core.settings import add_flags
from facs3d.datasets.folds import read_splits
from facs3d.evaluation.metrics import HELD_OUT, PAPER_METRICS, metrics_of_runs, pooled_metrics
from facs3d.evaluation.runs import check_held_out, read_runs
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.evaluation.tables import (
    PERCENT,
    beside_paper,
    models_and_metrics,
    table_one,
    write_table,
)
from facs3d.evaluation.thresholds import (
    CHOSEN,
    choose_thresholds,
    describe_thresholds,
    move_thresholds,
)
from facs3d.report.grid import write_html
from facs3d.report.latex import write_latex
from facs3d.report.metric_tables import table_one_grid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--predictions",
        required=True,
        nargs="+",
        help="…/<model>/repeat<r>/fold<k>/predictions.csv of every run, models in table order",
    )
    parser.add_argument(
        "--folds", required=True, nargs="+", help="a CSV a repeat: subject, repeat, fold"
    )
    parser.add_argument("--paper", help="the paper's Table I, to show beside ours")
    parser.add_argument("--output-by-fold", required=True)
    parser.add_argument("--output-by-subject", required=True)
    parser.add_argument("--output-by-video", help="only needed for t-tests paired by video")
    parser.add_argument("--output-table1", required=True, help="Table I as CSV")
    parser.add_argument("--output-table1-html", required=True)
    parser.add_argument("--output-table1-latex", required=True, help="for booktabs")
    add_flags(parser, EvaluationSettings, only=("threshold", "thresholds"))
    args = parser.parse_args()
    runs = read_runs(args.predictions)
    check_held_out(runs, read_splits(args.folds))
    notes: tuple[str, ...] = ()
    if args.thresholds == "training":
        chosen = choose_thresholds(runs)
        print(describe_thresholds(runs, chosen), end="", file=sys.stderr)
        runs, notes = move_thresholds(runs, chosen, args.threshold), (CHOSEN,)
    by_fold = metrics_of_runs(runs, "fold", args.threshold)
    write_table(by_fold, args.output_by_fold)
    write_table(metrics_of_runs(runs, "subject", args.threshold), args.output_by_subject)
    if args.output_by_video:
        write_table(metrics_of_runs(runs, "video", args.threshold), args.output_by_video)
    table = table_one(by_fold, pooled_metrics(runs, args.threshold))
    if args.paper:
        table = beside_paper(table, args.paper)
    write_table(table.assign(train_status=HELD_OUT), args.output_table1, PERCENT)
    models, metrics = models_and_metrics(by_fold)
    write_html(table_one_grid(table, models, metrics, notes), args.output_table1_html)
    more = [metric for metric in metrics if metric not in PAPER_METRICS]
    pages = {
        "tab:results": table_one_grid(table, models, list(PAPER_METRICS), notes),
        "tab:more-results": table_one_grid(table, models, more, notes),
    }
    write_latex(pages, args.output_table1_latex)


if __name__ == "__main__":
    run(main)
