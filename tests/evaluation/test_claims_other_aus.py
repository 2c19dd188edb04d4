"""Claims of datasets with other AUs, and of draws and repeats that count for nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from facs3d.core.action_units import PAPER_AUS
from facs3d.evaluation.claims.evidence import NAMED_REGIONS, Evidence
from facs3d.evaluation.claims.paper_claims import CLAIMS, LABELS, SCORES, STARS, at_least
from facs3d.evaluation.claims.verdicts import HOLDS, UNTOLD, Rule, judge_claims
from tests.support.claims import (
    DRAWS,
    RULE,
    TABLE_I,
    claim_of,
    of_sentence,
    paper_evidence,
    with_draws,
)


@pytest.fixture(scope="module")
def paper():
    return paper_evidence()


def of_aus(evidence: Evidence, action_units: tuple[int, ...]) -> Evidence:
    """The same values, called those of other AUs."""
    return Evidence(
        replace(evidence.scores, action_units=action_units),
        replace(evidence.stars, action_units=action_units),
        replace(evidence.maps, action_units=action_units),
    )


def test_aus_that_are_not_the_papers_are_not_counted(paper):
    """DISFA's 12 in the places of the paper's: all but its 5, 9, 20, 25 and 26 are counted."""
    disfa = (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
    counted = [au in PAPER_AUS for au in disfa]
    assert sum(counted) == 7
    table = judge_claims(CLAIMS, of_aus(with_draws(paper), disfa), paper, RULE, None)
    rate, cnn, lstm, facs3d = TABLE_I[counted].T
    expected = {
        "highest F1 in": (facs3d > np.maximum(cnn, lstm)).sum(),
        "In most AUs the 2D CNN-LSTM": (lstm > cnn).sum(),
        "fewer than 15 %": (rate < 15).sum(),
        "3 % of the frames": (rate >= 3).sum(),
        "own region for most AUs": sum(
            au in NAMED_REGIONS for au, kept in zip(PAPER_AUS, counted, strict=True) if kept
        ),
    }
    for part, count in expected.items():
        row = of_sentence(table, part)
        assert (row["ours"], row["ours_of"]) == (count, 7)
    assert of_sentence(table, "highest F1 in")["bar_value"] == pytest.approx(10 * 7 / 12)
    stars_of = paper.stars.of("cnn2d", "F1")[0][counted]
    row = of_sentence(table, "than the 2D CNN's in")
    assert (row["ours"], row["ours_of"]) == ((stars_of > 0).sum(), 7)
    others = tuple(range(51, 63))
    table = judge_claims(CLAIMS, of_aus(with_draws(paper), others), paper, RULE, None)
    for part in ("highest F1 in", "it is so less often", "than the 2D CNN's in"):
        assert of_sentence(table, part)["reason"] == "none of these AUs"


def test_stars_of_other_aus_make_no_difference_to_counts_of_stars(paper):
    """AU 2, in which the tests of ACC and S disagree, is called AU 5."""
    ours = of_aus(with_draws(paper), tuple(5 if au == 2 else au for au in PAPER_AUS))
    table = judge_claims(CLAIMS, ours, paper, RULE, None)
    assert of_sentence(table, "in AU 2, and ACC does not")["ours"] == 0


@pytest.mark.parametrize(
    "part", ["highest F1 in", "In most AUs", "fewer than 15 %", "3 % of the", "AU 6, AU 7, AU 10"]
)
def test_a_draw_in_which_an_au_has_no_value_counts_for_nothing(paper, part):
    """AU 1 and AU 6, in the second of two draws."""
    ours = with_draws(paper)
    expected = of_sentence(judge_claims(CLAIMS, ours, paper, RULE, None), part)
    of_both = [PAPER_AUS.index(au) for au in (1, 6)]
    values = {model: of_model.copy() for model, of_model in ours.scores.values.items()}
    for of_model in values.values():
        of_model[:, 2, of_both] = np.nan
    base_rate = ours.scores.base_rate.copy()
    base_rate[2, of_both] = np.nan
    ours = replace(ours, scores=replace(ours.scores, values=values, base_rate=base_rate))
    row = of_sentence(judge_claims(CLAIMS, ours, paper, RULE, None), part)
    pd.testing.assert_series_equal(row, expected)


def test_the_interval_of_a_count_ends_in_counts(paper):
    """Of 0, 0, 1, 1 … 9, 9 AUs in 20 draws: 7.5 % is 1.5 draws, so the second, and 92.5 % the
    nineteenth; interpolated, the ends would be 0.425 and 8.575 AUs."""
    counts = np.concatenate([[5], np.repeat(np.arange(10), 2)])
    claim = claim_of(counts[:, None] > np.arange(12), at_least(1), LABELS, PAPER_AUS)
    ours = with_draws(paper)
    row = judge_claims([claim], ours, ours, Rule(confidence=0.85, fewest=2), None).iloc[0]
    assert (row["low"], row["high"]) == (0, 9)


def test_repeats_of_one_split_are_counted_as_one_by_all_claims(paper):
    ours = with_draws(paper, n_repeats=4)
    ours = replace(ours, scores=replace(ours.scores, repeats=((1, 2), (3, 4))))
    claims = [claim_of(DRAWS + 1, rests_on=what) for what in (SCORES, STARS)]
    table = judge_claims(claims, ours, ours, Rule(confidence=0.9, fewest=3), None)
    assert table["verdict"].tolist() == [UNTOLD, UNTOLD]
    assert table["reason"].tolist() == [
        "2 splits of 4 repeats: the interval is of these trainings alone",
        "no interval: 2 splits of 4 repeats",
    ]
    table = judge_claims(claims, ours, ours, RULE, None)
    assert table["verdict"].tolist() == [HOLDS, HOLDS]
