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
    stars_of_repeats,
    stars_of_tests,
)
from facs3d.evaluation.claims.paper_claims import (
    CLAIMS,
    LABELS,
    MAPS,
    SCORES,
    STARS,
    above,
    at_least,
)
from facs3d.evaluation.claims.verdicts import COLUMNS, FAILS, HOLDS, UNTOLD, judge_claims
from facs3d.evaluation.corrected import compare_repeats
from facs3d.evaluation.metrics import metrics_of_runs
from facs3d.evaluation.runs import Run
from facs3d.evaluation.tables import SIX_DIGITS, read_table, write_table
from tests.support.claims import (
    DRAWS,
    RULE,
    TABLE_I,
    claim_of,
    of_sentence,
    paper_evidence,
    with_draws,
)
from tests.support.fake_results import AUS, MODELS, predictions_of


@pytest.fixture(scope="module")
def paper():
    return paper_evidence()


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
