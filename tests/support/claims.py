"""The paper's own values as evidence, and as if they were ours."""

import numpy as np
import pandas as pd

from facs3d.evaluation.claims.evidence import Evidence, Maps, Scores, Stars, evidence_of_paper
from facs3d.evaluation.claims.paper_claims import SCORES, Claim, above
from facs3d.evaluation.claims.verdicts import Rule
from facs3d.evaluation.tables import read_table
from tests.support.checkout import ROOT

RULE = Rule(confidence=0.9, fewest=2)

# Table I of the paper: base rate, F1 of the 2D CNN, the LSTM and FACS3D-Net, by AU.
TABLE_I = np.array(
    [
        (9.11, 34.64, 39.09, 42.94),
        (6.77, 32.59, 32.93, 38.05),
        (7.94, 44.06, 44.05, 49.84),
        (42.59, 82.13, 81.48, 82.26),
        (62.99, 85.31, 85.42, 85.08),
        (58.64, 87.55, 87.01, 87.15),
        (52.82, 87.18, 86.34, 87.45),
        (39.34, 65.86, 65.68, 65.95),
        (10.46, 44.01, 44.05, 48.41),
        (14.89, 44.28, 44.09, 47.44),
        (14.10, 44.78, 44.27, 50.03),
        (2.99, 29.59, 25.30, 31.94),
    ]
)


def paper_evidence() -> Evidence:
    """What the paper's own tables say."""
    tables = (ROOT / "config" / "paper" / f"table{number}.csv" for number in (1, 2))
    return evidence_of_paper(*(read_table(path, text=("AU",)) for path in tables))


def with_draws(paper: Evidence, n_repeats: int = 5) -> Evidence:
    """The paper's values as if ours: every draw is the same, and so is every repeat and network."""
    scores = paper.scores
    aus = list(scores.action_units)
    jaccard = np.full((3, len(aus), len(aus)), 0.6)
    return Evidence(
        Scores(
            scores.action_units,
            {model: np.repeat(values, 3, axis=1) for model, values in scores.values.items()},
            np.repeat(scores.base_rate, 3, axis=0),
            jaccard,
            tuple((repeat,) for repeat in range(1, n_repeats + 1)),
        ),
        Stars(
            scores.action_units,
            {key: np.repeat(sign, n_repeats, axis=0) for key, sign in paper.stars.signs.items()},
        ),
        Maps(
            paper.maps.action_units,
            np.repeat(paper.maps.maximum_inside, n_repeats, axis=0),
            np.full((n_repeats, len(aus), len(aus)), 1.5),
        ),
    )


def of_sentence(table: pd.DataFrame, part: str) -> pd.Series:
    (found,) = [row for _, row in table.iterrows() if part in row["sentence"]]
    return found


def claim_of(values: np.ndarray, bar=None, rests_on: str = SCORES, aus: tuple[int, ...] = ()):
    return Claim(
        "topic", "IV", "It is so.", "a value", lambda evidence: values, bar or above(0),
        rests_on=rests_on, aus=aus,
    )  # fmt: skip


DRAWS = np.concatenate([[0.5], np.linspace(0, 1, 101)])
