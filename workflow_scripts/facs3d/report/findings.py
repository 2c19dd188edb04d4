"""The demo's results on the page of findings: its numbers are those of its tables, never typed."""

import pandas as pd

from facs3d.core.errors import InputError
from facs3d.evaluation.tables import AVERAGE
from facs3d.report.model_names import full_name, metric_name

BEGIN, END = "<!-- demo-table-begin -->\n", "<!-- demo-table-end -->\n"
"""Lines around what :func:`with_demo_tables` writes."""
TESTED = ("F1", "AUC")


def demo_tables(table: pd.DataFrame, tests: pd.DataFrame, reference: str) -> str:
    """Three tables in Markdown, in percent and percentage points.

    Of Table I (:func:`facs3d.evaluation.tables.table_one`) the AUs' average of every metric and
    model with its standard deviation over folds and its noise floor, and the AUC of every AU with
    its base rate; of Table II-R (:func:`facs3d.evaluation.corrected.compare_repeats`) the
    differences of ``reference`` in F1 and AUC, averaged over the AUs.
    """
    rows = table.set_index("AU")
    metrics = [name.removesuffix("_n_folds") for name in table if name.endswith("_n_folds")]
    models = [name.removeprefix("F1_") for name in table if name.startswith("F1_")]
    models = [model for model in models if f"F1_{model}_sd" in table]
    average = rows.loc[AVERAGE]
    means = [
        [full_name(model), *(_with_noise(average, f"{metric}_{model}") for metric in metrics)]
        for model in models
    ]
    aus = [
        [f"AU {name}", f"{row['BR']:.1f}", *(_with_sd(row, f"AUC_{model}") for model in models)]
        for name, row in rows.iterrows()
        if str(name).isdigit()
    ]
    averaged = tests[(tests["au"] == AVERAGE) & tests["metric"].isin(TESTED)]
    return "\n".join(
        (
            _markdown(["", *map(metric_name, metrics)], means),
            "AUC of each AU, beside its base rate:\n",
            _markdown(["", "base rate", *map(full_name, models)], aus),
            f"{full_name(reference)} minus the others, mean over the AUs, in points; corrected "
            "resampled t-test:\n",
            _markdown(
                ["", "metric", "difference", "95 %", "p", "the paper's test, p < .05"],
                [_difference(row) for _, row in averaged.iterrows()],
            ),
        )
    )


def with_demo_tables(page: str, tables: str) -> str:
    """``page`` with ``tables`` between its lines :data:`BEGIN` and :data:`END`, instead of what is
    there; :class:`InputError` if these lines are missing."""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise InputError(
            f"the page of findings: expected the lines {BEGIN.strip()} … {END.strip()}"
        )
    return f"{before}{begin}\n{tables}\n{end}{after}"


def _with_sd(row: pd.Series, column: str) -> str:
    return f"{row[column]:.1f} ± {row[f'{column}_sd']:.1f}"


def _with_noise(row: pd.Series, column: str) -> str:
    return f"{_with_sd(row, column)} ({row[f'{column}_noise']:.1f})"


def _difference(test: pd.Series) -> list[str]:
    value, low, high = (
        f"{100 * test[name]:+.1f}" for name in ("mean_difference", "ci_low", "ci_high")
    )
    return [
        *(full_name(test["baseline"]), metric_name(test["metric"]), value),
        *(f"{low} to {high}", f"{test['p']:.3f}"),
        f"in {test['starred_in']} of {test['repeats']} repeats",
    ]


def _markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
