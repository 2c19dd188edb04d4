"""The paper's claims: its own values from its tables by hand, the rule, and what is lacking."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from facs3d.core.action_units import PAPER_AUS
from facs3d.evaluation.claims.evidence import (
    NAMED_REGIONS,
    Evidence,
    Maps,
    Scores,
    Stars,
    evidence_of_paper,
    stars_of_repeats,
    stars_of_tests,
)
from facs3d.evaluation.claims.paper_claims import (
    CLAIMS,
    LABELS,
    MAPS,
    SCORES,
    STARS,
    Claim,
    above,
    at_least,
)
from facs3d.evaluation.claims.verdicts import COLUMNS, FAILS, HOLDS, UNTOLD, Rule, judge_claims
from facs3d.evaluation.corrected import compare_repeats
from facs3d.evaluation.metrics import metrics_of_runs
from facs3d.evaluation.runs import Run
from facs3d.evaluation.tables import SIX_DIGITS, read_table, write_table
from tests.support.checkout import ROOT
from tests.support.fake_results import AUS, MODELS, predictions_of

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


@pytest.fixture(scope="module")
def paper():
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


@pytest.fixture(scope="module")
def judged(paper):
    return judge_claims(CLAIMS, with_draws(paper), paper, RULE, None)


def test_the_papers_values_are_those_of_its_table_by_hand(judged):
    rate, cnn, lstm, facs3d = TABLE_I.T
    for part, other in (("gain on the 2D CNN is", cnn), ("gain on the 2D CNN-LSTM", lstm)):
        expected = stats.pearsonr(rate, facs3d - other).statistic
        assert of_sentence(judged, part)["paper"] == pytest.approx(expected, abs=1e-9)
    # 59.71 - 56.83, and 56.64 - 56.83.
    assert of_sentence(judged, "highest average F1")["paper"] == pytest.approx(0.0288, abs=1e-4)
    assert of_sentence(judged, "little or no")["paper"] == pytest.approx(-0.0019, abs=1e-4)
    mean = (cnn + lstm + facs3d) / 3
    assert of_sentence(judged, "F1 is lower")["paper"] == pytest.approx(
        stats.pearsonr(rate, mean).statistic
    )
    # AU 6: 84.04 and 68.06; 2 × 84.04 − 100 = 68.08.
    assert of_sentence(judged, "2·ACC − 1")["paper"] == pytest.approx(0.0002)


def test_the_slopes_are_least_squares(paper, judged):
    rate = TABLE_I[:, 0]
    slopes = {
        metric: stats.linregress(rate, 100 * paper.scores.mean_of_models(metric)[0]).slope
        for metric in ("F1", "AUC", "S")
    }
    assert slopes["S"] < 0 < slopes["AUC"]
    for metric in ("AUC", "S"):
        found = of_sentence(judged, f"{metric} suffers less")["paper"]
        assert found == pytest.approx(slopes["F1"] - abs(slopes[metric]))


@pytest.mark.parametrize(
    ("part", "count", "n_aus"),
    [
        ("highest F1 in", 10, 12),
        ("highest ACC in", 8, 12),
        ("highest S in", 8, 12),
        ("better than the 2D CNN's", 10, 12),
        ("better than the 2D CNN-LSTM's", 11, 12),
        ("In most AUs the 2D CNN-LSTM", 4, 12),
        ("fewer than 15 %", 7, 12),
        # AU 24: 2.99 %.
        ("3 % of the frames", 11, 12),
        ("AU 6, AU 7, AU 10 and AU 14", 4, 4),
        ("own region of the face", 7, 7),
    ],
)
def test_the_papers_counts_are_those_of_its_tables(judged, part, count, n_aus):
    row = of_sentence(judged, part)
    assert (row["paper"], row["paper_of"]) == (count, n_aus)


def test_the_papers_stars_have_signs_and_contradict_each_other_in_au_2(paper, judged):
    # AUC in AU 7, starred: 87.36 against 88.24 and 88.17.
    place = PAPER_AUS.index(7)
    for baseline in ("cnn2d", "cnn2d_lstm"):
        assert paper.stars.of(baseline, "AUC")[0, place] == -1
    acc, s = (paper.stars.of("cnn2d", metric)[0] for metric in ("ACC", "S"))
    assert np.flatnonzero(acc != s).tolist() == [PAPER_AUS.index(2)]
    row = of_sentence(judged, "in AU 2, and ACC does not")
    assert (row["paper"], row["bar"], row["bar_value"]) == (1, "at least", 1)


def test_every_claim_is_judged_and_the_papers_own_results_meet_all_bars_but_one(judged):
    assert tuple(judged.columns) == COLUMNS
    assert judged["claim"].tolist() == list(range(1, len(CLAIMS) + 1))
    untold = judged[judged["verdict"] == UNTOLD]
    assert untold["statistic"].tolist() == ["no statistic"] * 3
    (missed,) = judged.loc[judged["verdict"] == FAILS, "sentence"]
    assert missed == "The 12 AUs occur in 3 % of the frames or more."
    own = judged["reason"].str.contains("the paper's own value misses the bar")
    assert judged.loc[own, "sentence"].tolist() == [missed]


def test_another_model_has_no_part_in_claims(paper, judged):
    ours = with_draws(paper)
    values = {**ours.scores.values, "difference": ours.scores.values["facs3d"] + 0.1}
    more = replace(ours, scores=replace(ours.scores, values=values))
    pd.testing.assert_frame_equal(judge_claims(CLAIMS, more, paper, RULE, None), judged)
    alone = replace(more, scores=replace(more.scores, values={"difference": values["difference"]}))
    table = judge_claims(CLAIMS, alone, paper, RULE, None)
    assert of_sentence(table, "F1 is lower")["reason"] == "no network of the paper's"


def claim_of(values: np.ndarray, bar=None, rests_on: str = SCORES, aus: tuple[int, ...] = ()):
    return Claim(
        "topic", "IV", "It is so.", "a value", lambda evidence: values, bar or above(0),
        rests_on=rests_on, aus=aus,
    )  # fmt: skip


DRAWS = np.concatenate([[0.5], np.linspace(0, 1, 101)])


@pytest.mark.parametrize(
    ("bar", "verdict"),
    [
        (above(0.04), HOLDS),
        (at_least(0.049), HOLDS),
        (above(0.5), UNTOLD),
        (above(0.96), FAILS),
        (at_least(0.94), UNTOLD),
    ],
)
def test_the_rule_by_hand(paper, bar, verdict):
    """Of 0, 0.01, … 1 the 90 % interval is 0.05 to 0.95."""
    ours = with_draws(paper)
    row = judge_claims([claim_of(DRAWS, bar)], ours, ours, RULE, None).iloc[0]
    assert (row["ours"], row["low"], row["high"]) == pytest.approx((0.5, 0.05, 0.95))
    assert row["verdict"] == verdict


def test_one_repeat_judges_labels_but_no_network(paper):
    ours = with_draws(paper, n_repeats=1)
    claims = [claim_of(DRAWS + 1, rests_on=what) for what in (SCORES, LABELS, STARS, MAPS)]
    table = judge_claims(claims, ours, ours, RULE, None)
    assert table["verdict"].tolist() == [UNTOLD, HOLDS, UNTOLD, UNTOLD]
    assert table["low"].notna().tolist() == [True, True, False, False]
    assert table["reason"].tolist() == [
        "one repeat: the interval is of these trainings alone",
        "all of the interval meets the bar",
        "no interval: one repeat",
        "no interval: maps of one network",
    ]


def test_a_bar_for_12_aus_is_in_proportion_for_fewer(paper):
    ours = with_draws(paper)
    ours = replace(ours, scores=replace(ours.scores, action_units=PAPER_AUS[:9]))
    counted = np.array([[True] * 7 + [False] * 2] * 3)
    for needed, verdict in ((9, HOLDS), (10, FAILS)):
        claim = claim_of(counted, at_least(needed), LABELS, PAPER_AUS)
        row = judge_claims([claim], ours, ours, RULE, None).iloc[0]
        # 9 of 12 is 6.75 of 9, 10 of 12 is 7.5 of 9.
        assert row["bar_value"] == needed * 0.75
        assert (row["ours"], row["ours_of"], row["verdict"]) == (7, 9, verdict)


def test_the_range_over_repeats_is_the_interval_of_tests(paper):
    ours = with_draws(paper, n_repeats=2)
    worse = {key: sign.copy() for key, sign in ours.stars.signs.items()}
    worse["cnn2d", "F1"][1, :3] = 0
    corrected = Stars(PAPER_AUS, {key: np.zeros((1, 12), np.int8) for key in worse})
    ours = replace(ours, stars=Stars(PAPER_AUS, worse))
    row = of_sentence(judge_claims(CLAIMS, ours, paper, RULE, corrected), "than the 2D CNN's in")
    assert (row["ours"], row["low"], row["high"], row["verdict"]) == (10, 7, 10, UNTOLD)
    assert row["reason"] == (
        "the bar lies in the interval; by the corrected test over all repeats 0 of 12"
    )


def test_an_au_without_a_map_may_be_either(paper):
    ours = with_draws(paper, n_repeats=2)
    inside = ours.maps.maximum_inside.copy()
    inside[:, [0, 1]] = np.nan

    def judged_by_maps() -> pd.Series:
        changed = replace(ours, maps=replace(ours.maps, maximum_inside=inside))
        return of_sentence(
            judge_claims(CLAIMS, changed, paper, RULE, None), "own region of the face"
        )

    row = judged_by_maps()
    assert (row["ours"], row["low"], row["high"], row["verdict"]) == (5, 5, 7, UNTOLD)
    assert row["reason"].endswith("no map of AU 1, 2")
    inside[:, 2] = 0
    row = judged_by_maps()
    assert (row["low"], row["high"], row["verdict"]) == (4, 6, FAILS)


def test_a_network_or_an_au_that_is_not_there_leaves_claims_untold(paper):
    full = with_draws(paper)
    kept = [PAPER_AUS.index(au) for au in (1, 12)]
    scores = Scores(
        (1, 12),
        {model: full.scores.values[model][:, :, kept] for model in ("cnn2d", "facs3d")},
        full.scores.base_rate[:, kept],
        full.scores.jaccard[:, :2, :2],
        full.scores.repeats,
    )
    stars = Stars(
        (1, 12),
        {("cnn2d", name): full.stars.of("cnn2d", name)[:, kept] for name in ("F1", "S")},
    )
    maps = Maps((1, 12), full.maps.maximum_inside[:, kept], full.maps.emphasis[:, :2, :2])
    table = judge_claims(CLAIMS, Evidence(scores, stars, maps), paper, RULE, None)
    reasons = {
        "highest average F1": "no network cnn2d_lstm",
        "than the 2D CNN-LSTM's in": "no test against cnn2d_lstm",
        "AU 24, the": "no AU 24",
        "Examples": "none of these AUs",
        "often come together": "no AU 6, 10",
        "map of AU 12": "no AU 10",
        "maps of AU 15": "no AU 15",
    }
    for part, reason in reasons.items():
        row = of_sentence(table, part)
        assert (row["verdict"], row["reason"]) == (UNTOLD, reason)
        assert np.isnan(row["ours"])
    assert of_sentence(table, "than the 2D CNN's in")["ours_of"] == 2
    row = of_sentence(table, "own region of the face")
    assert (row["ours"], row["ours_of"], row["verdict"]) == (1, 1, HOLDS)
    assert set(NAMED_REGIONS) & {1, 12} == {1}


def test_stars_are_of_each_repeat_and_signed():
    """Ten subjects; the reference is better in repeat 1, worse in 2, and as good in 3."""
    random = np.random.default_rng(4)
    rows = []
    for repeat, difference in ((1, 0.3), (2, -0.3), (3, 0)):
        for subject in range(10):
            base = random.uniform(0.3, 0.6)
            noise = random.normal(0, 0.01) + (0.2 * (-1) ** subject if not difference else 0)
            for model, value in (("cnn2d", base), ("facs3d", base + difference + noise)):
                rows.append((model, repeat, 1, f"F{subject:03d}", 1, "F1", value))
    names = ["model", "repeat", "fold", "subject", "au", "metric", "value"]
    stars_found = stars_of_repeats(pd.DataFrame(rows, columns=names), "subject")
    assert stars_found.of("cnn2d", "F1").tolist() == [[1], [-1], [0]]
    one = pd.DataFrame(rows, columns=names).query("model == 'facs3d'")
    assert stars_of_repeats(one, "subject") == Stars((), {})


def test_stars_of_the_corrected_test_are_those_of_its_table(tmp_path):
    """Table II-R as it is written, in which a cell with p < .05 has no star after Holm."""
    runs = {
        Run(model, repeat, fold): predictions_of(model, fold, repeat)
        for model, repeat, fold in product(MODELS, (1, 2), (1, 2, 3))
    }
    metrics = {unit: metrics_of_runs(runs, unit, 0.5) for unit in ("fold", "subject")}
    path = tmp_path / "table2_repeats.csv"
    write_table(compare_repeats(metrics, "subject", "facs3d", 2.0), path, SIX_DIGITS)
    table = read_table(path)
    of_aus = table[table["au"] != "Ave"]
    starred = of_aus["stars"].str.startswith("*")
    assert (of_aus["p"] < 0.05)[~starred].any()
    assert starred.any()
    found = stars_of_tests(table, p="p_holm")
    assert found.action_units == AUS
    for row, star in zip(of_aus.itertuples(), starred, strict=True):
        sign = found.of(row.baseline, row.metric)[0, AUS.index(int(row.au))]
        assert sign == star * np.sign(row.mean_difference)


def test_without_a_network_of_the_claims_only_labels_tell(paper):
    """``models: [cnn2d]``, and a map of it alone."""
    full = with_draws(paper)
    scores = replace(full.scores, values={"cnn2d": full.scores.values["cnn2d"]})
    ours = Evidence(scores, Stars((), {}), Maps((), np.zeros((0, 0)), None))
    table = judge_claims(CLAIMS, ours, paper, RULE, None)
    reasons = {
        "highest average F1": "no network cnn2d_lstm",
        "than the 2D CNN's in": "no test against cnn2d",
        "own region of the face": "no occlusion maps of facs3d",
        "map of AU 12": "no occlusion maps of facs3d",
    }
    for part, reason in reasons.items():
        row = of_sentence(table, part)
        assert (row["verdict"], row["reason"]) == (UNTOLD, reason)
    assert of_sentence(table, "fewer than 15 %")["verdict"] == HOLDS
    assert of_sentence(table, "F1 is lower")["verdict"] == HOLDS


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
