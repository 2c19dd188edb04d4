"""Table II-R, the tests over all repeats, as people read it."""

import pandas as pd

from facs3d.evaluation.significance import NOT_SIGNIFICANT
from facs3d.evaluation.tables import AVERAGE, UNDEFINED, table_two
from facs3d.report.grid import Cell, Grid, rounded
from facs3d.report.model_names import full_name, metric_name
from facs3d.report.significance_tables import points, probability

HOW_TO_READ = (
    "All runs, corrected: each fold of each repeat gives one difference (of repeats that share "
    "a split, their mean: they test on the same people); the corrected resampled "
    "t-test (Nadeau & Bengio, 2003) allows for runs whose training subjects are largely the same. "
    "It asks whether another training, split and sample would say the same. p (Holm) is adjusted "
    "over the AUs of a metric.",
    "The paper's test: in how many repeats Table II would have a star; in brackets, in how many of "
    "them a minus stands before it.",
    "Subjects: paired t-test of each subject's mean over the repeats. The luck of a training "
    "averages out as repeats grow in number; that other subjects would train the networks "
    "otherwise is not in it.",
    "Differences are in percentage points.",
)


def stars_grid(tests: pd.DataFrame, reference: str, ratio: float) -> Grid:
    """Stars of every AU, metric and baseline by the Holm-adjusted p of the corrected test, and in
    how many repeats the paper's own test has one.

    ``tests``: of :func:`facs3d.evaluation.corrected.compare_repeats`; ``ratio``: its n_test /
    n_train.
    """
    cells = tests.set_index(["baseline", "au", "metric"])
    baselines, metrics = tests["baseline"].unique(), tests["metric"].unique()
    rows = [
        (
            Cell(row["AU"]),
            *(
                Cell(
                    (text := row[f"{metric}_{baseline}"]),
                    details=(_starred_in(cells.loc[(baseline, row["AU"], metric)]),),
                    faint=text in (NOT_SIGNIFICANT, UNDEFINED),
                )
                for baseline in baselines
                for metric in metrics
            ),
        )
        for _, row in table_two(tests).iterrows()
    ]
    heads = tuple(map(metric_name, metrics))
    n_repeats = int(tests["repeats"].iloc[0])
    return Grid(
        caption="Significance of differences over all repeats: corrected resampled t-test, "
        "adjusted over the AUs (Holm): * p < .05, ** p < .01, *** p < .001, n.s. not significant",
        groups=(
            ("", ("AU",)),
            *((f"{full_name(reference)} v.s. {full_name(name)}", heads) for name in baselines),
        ),
        rows=tuple(rows),
        notes=(
            f"Over {_span(tests['n'])} runs of {n_repeats} repeat{'s' if n_repeats > 1 else ''}; "
            f"n_test / n_train = {ratio:.3g}.",
            "Below: in how many repeats the paper's own test has a star, and how many of these "
            f"have a minus. A minus: {full_name(reference)} is worse.",
            f"{AVERAGE} = mean of the AUs, tested by itself.",
        ),
        n_summaries=1,
    )


def repeats_grid(tests: pd.DataFrame, reference: str, baseline: str) -> Grid:
    """Every test against one baseline."""
    rows = []
    for _, test in tests[tests["baseline"] == baseline].iterrows():
        stars = test["stars"]
        rows.append(
            (
                *(Cell(test["au"]), Cell(metric_name(test["metric"])), Cell(str(test["n"]))),
                *_difference(test, ""),
                *(Cell(rounded(test["t"], 2)), Cell(probability(test["p"]))),
                Cell(probability(test["p_holm"])),
                Cell(stars, faint=stars in (NOT_SIGNIFICANT, UNDEFINED)),
                *(Cell(_starred_in(test)), Cell(str(test["subjects_n"]))),
                *_difference(test, "subjects_"),
                Cell(probability(test["subjects_p"])),
                Cell(probability(test["subjects_p_holm"])),
            )
        )
    difference = ("mean difference", "95 % interval")
    return Grid(
        f"{full_name(reference)} minus {full_name(baseline)}",
        (
            ("", ("AU", "metric")),
            ("All runs, corrected", ("runs", *difference, "t", "p", "p (Holm)", "")),
            ("The paper's test", ("has a star in",)),
            ("Subjects, averaged", ("subjects", *difference, "p", "p (Holm)")),
        ),
        tuple(rows),
    )


def _difference(test: pd.Series, prefix: str) -> tuple[Cell, Cell]:
    mean, low, high = (
        points(test[f"{prefix}{name}"]) for name in ("mean_difference", "ci_low", "ci_high")
    )
    return Cell(mean), Cell(f"{low} to {high}" if low else "")


def _starred_in(test: pd.Series) -> str:
    worse = f" (−{test['starred_worse']})" if test["starred_worse"] else ""
    return f"{test['starred_in']} of {test['repeats']}{worse}"


def _span(counts: pd.Series) -> str:
    least, most = counts.min(), counts.max()
    return str(most) if least == most else f"{least} to {most}"
