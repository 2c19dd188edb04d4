"""The controls' judgements on results of which is known what they hold."""

from dataclasses import replace

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from facs3d.core.action_units import PAPER_AUS
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator
from facs3d.evaluation.controls import (
    UNTOLD,
    Measured,
    against_itself,
    as_table,
    company_shares,
    dose_response,
    effect,
    false_positives,
    judge_company,
    judge_dynamics,
    judge_null,
    judge_regions,
    judge_statics,
    maxima_inside,
    mean_of,
)
from facs3d.evaluation.occlusion.au_regions import region_polygons
from facs3d.evaluation.occlusion.maps import Occlusion
from facs3d.evaluation.runs import Run
from facs3d.evaluation.tables import read_table, write_table
from facs3d.planning.controls import control_doses
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.report.controls_tables import controls_grids, controls_notes
from facs3d.report.figures.controls import draw_controls
from facs3d.report.grid import write_report
from tests.support.checkout import ROOT
from tests.support.fake_results import write_occlusion
from tests.support.figure_checks import assert_drawn, texts
from tests.support.occlusions import occlusion_with
from tests.support.scripts import run_script

AUS = (1, 6, 10, 12)
REGISTRATION = RegistrationSettings(centre="eye_line")
SIDE, PATCH = 100, 7
N_SUBJECTS, N_FOLDS = 20, 5


def tables(scores, n_repeats=2, metrics=("F1", "ACC", "negative_agreement", "AUC")) -> Measured:
    """Metrics of ``scores(model, repeat, fold, au, metric)``, a mean and, of each of the fold's
    four subjects, a value."""
    by_fold, by_subject = [], []
    for model in ("cnn2d", "facs3d"):
        for repeat in range(1, n_repeats + 1):
            for fold in range(1, N_FOLDS + 1):
                for au in AUS:
                    for metric in metrics:
                        values = np.atleast_1d(scores(model, repeat, fold, au, metric))
                        row = {"model": model, "repeat": repeat, "fold": fold}
                        row |= {"au": au, "metric": metric}
                        by_fold.append(row | {"value": values.mean()})
                        subjects = range(fold, N_SUBJECTS + 1, N_FOLDS)
                        for subject, value in zip(
                            subjects, np.broadcast_to(values, len(subjects)), strict=True
                        ):
                            by_subject.append(row | {"subject": f"F{subject:03d}", "value": value})
    return Measured(pd.DataFrame(by_fold), pd.DataFrame(by_subject))


def better_by(lead: dict[int, float]) -> Measured:
    """facs3d leads by ``lead`` in each AU; in AU 1, give or take fold / 1000."""

    def score(model, repeat, fold, au, metric):
        return 0.7 + (model == "facs3d") * (lead.get(au, 0) + (au == 1) * (fold - 3) / 1000)

    return tables(score)


def test_an_effect_is_the_corrected_test_of_the_runs_mean_over_aus():
    test = effect(better_by({1: 0.04}), "facs3d", "cnn2d", mean_of((1, 6)))
    # Both repeats are on one split, so that they are five runs, each the mean of two.
    assert test["n"] == 5
    assert test["mean_difference"] == pytest.approx(0.02)
    # By hand: of (-2 … 2) / 2000 the variance is 5 / 8 e-6; tested 4 for 16 trained on.
    error = np.sqrt(5 / 8e6 * (1 / 5 + 4 / 16))
    assert test["t"] == pytest.approx(0.02 / error)
    contrast = effect(better_by({1: 0.04}), "facs3d", "cnn2d", {1: 1, 6: -0.5, 10: -0.5})
    assert contrast["mean_difference"] == pytest.approx(0.04)


def test_dynamics_come_out_where_the_lead_is_large_and_is_of_the_aus_under_control():
    doses = {0.0: better_by({}), 2.5: better_by({1: 0.1, 6: 0.01})}
    table = as_table(judge_dynamics(doses, "facs3d", "cnn2d", (1,)))
    assert table["came_out"].tolist() == ["yes", "yes"]
    assert table["value"].tolist() == pytest.approx([0.11 / 4, 0.1 - 0.01 / 3])
    found = dose_response(doses, "facs3d", "cnn2d", (1,))
    assert list(zip(found["dose"], found["aus"], strict=True)) == [
        (dose, aus) for dose in (0, 2.5) for aus in ("all", "under control", "others")
    ]
    elsewhere = as_table(judge_dynamics(doses, "facs3d", "cnn2d", (6,)))
    assert elsewhere["came_out"].tolist() == ["yes", "no"]
    (still,) = judge_statics(doses[0.0], "facs3d", "cnn2d")
    assert still["came_out"] == "yes"
    (moved,) = judge_statics(doses[2.5], "facs3d", "cnn2d")
    assert moved["came_out"] == "no"
    (worse,) = judge_statics(better_by(dict.fromkeys(AUS, -0.1)), "facs3d", "cnn2d")
    assert worse["came_out"] == "yes"


def test_what_cannot_be_judged_is_said():
    undefined = better_by({})
    undefined.by_fold.loc[undefined.by_fold["au"] == 6, "value"] = np.nan
    (row,) = judge_statics(undefined, "facs3d", "cnn2d")
    assert row["came_out"] == UNTOLD
    rows = judge_dynamics({2.5: undefined}, "facs3d", "cnn2d", (1,))
    assert [row["came_out"] for row in rows] == [UNTOLD, UNTOLD]
    networks = [
        ("together", 0.1),
        ("together", 0.3),
        ("independently", 0.2),
        ("independently", np.nan),
    ]
    shares = pd.DataFrame(
        [("accuracy", 6, occur, "", share) for occur, share in networks],
        columns=["measure", "au", "occur", "network", "share"],
    )
    none_alone = shares.assign(share=shares["share"].where(shares["occur"] == "together"))
    for lacking in (shares, none_alone):
        (row,) = judge_company(lacking)
        assert row["came_out"] == UNTOLD
    for controlled in ((), AUS):
        with pytest.raises(InputError, match="dynamics_control: . of the 4 AUs"):
            judge_dynamics({2.5: better_by({})}, "facs3d", "cnn2d", controlled)
    with pytest.raises(InputError, match="need cnn2d_lstm too"):
        judge_statics(better_by({}), "facs3d", "cnn2d_lstm")
    with pytest.raises(InputError, match="seeds_per_split: 1, expected 2"):
        false_positives(better_by({}), 1)


def test_a_model_is_tested_against_itself_on_each_split():
    measured = tables(lambda model, repeat, fold, au, metric: repeat / 10, n_repeats=4)
    found = against_itself(measured.by_fold, "cnn2d", 2)
    pairs = found.groupby(["repeat", "model"])["value"].first().unstack()
    assert pairs["one"].tolist() == [0.1, 0.3]
    assert pairs["other"].tolist() == [0.2, 0.4]
    three = tables(lambda model, repeat, fold, au, metric: repeat / 10, n_repeats=6)
    pairs = against_itself(three.by_fold, "cnn2d", 3).groupby(["repeat", "model"])["value"].first()
    assert sorted(pairs) == [0.1, 0.2, 0.4, 0.5]


def test_noise_of_training_is_called_an_effect_by_the_papers_test_and_not_by_the_corrected_one():
    def score(model, repeat, fold, au, metric):
        rng = generator(3, model, repeat, fold, au, metric)
        return 0.7 + 0.05 * rng.normal() + 0.01 * rng.normal(size=4)

    null = false_positives(tables(score, n_repeats=4), 2)
    assert null["n_cells"].tolist() == [16, 16]
    assert (null["paper"] > 0.3).all()
    assert (null["corrected"] <= 0.13).all()
    table = as_table(judge_null(null))
    assert table["came_out"].tolist() == ["yes", ""]


@pytest.mark.parametrize(("wrong", "verdict"), [(0, "yes"), (8, "yes"), (9, "no")])
def test_of_24_independent_tests_four_may_be_wrong(wrong, verdict):
    """By the table of the binomial of 24 and .05, P(X <= 3) = .970 and P(X <= 4) = .994; here each
    AU has two metrics."""
    null = pd.DataFrame({"model": ["a", "b"], "n_cells": 24, "n_aus": 12, "paper": 0.2})
    row, of_paper = judge_null(null.assign(corrected=wrong / 48))
    assert row["came_out"] == verdict
    assert of_paper["value"] == pytest.approx(0.2)


def occlusion_at(
    centres: dict[int, tuple[float, float]], fold: int = 1, aus: tuple[int, ...] = AUS
) -> Occlusion:
    edges = np.arange(0, SIDE - PATCH + 1, 3)
    middle = edges + (PATCH - 1) / 2
    accuracy = np.full((len(aus), len(edges), len(edges)), 0.9)
    for index, au in enumerate(aus):
        x, y = centres[au]
        distance = (middle[:, None] - y) ** 2 + (middle[None] - x) ** 2
        accuracy[index] -= 0.4 * np.exp(-distance / 8)
    n_positive = [500] * (len(aus) - 1) + [10]
    run = Run("facs3d", 1, fold)
    return occlusion_with(accuracy, edges, PATCH, SIDE, aus, n_positive, run)


def centre_of(au: int) -> tuple[float, float]:
    x, y = region_polygons(au, REGISTRATION, SIDE)[0].mean(axis=0)
    return float(x), float(y)


def test_maxima_are_counted_of_aus_that_are_recognised():
    at_home = {au: centre_of(au) for au in AUS}
    home = occlusion_at(at_home)
    assert maxima_inside([home], REGISTRATION, 20) == dict.fromkeys((1, 6, 10), True)
    away = occlusion_at(at_home | {1: centre_of(10)})
    assert maxima_inside([away], REGISTRATION, 20) == {1: False, 6: True, 10: True}
    (row,) = judge_regions([away], REGISTRATION, 20)
    assert row["value"] == 2
    assert row["came_out"] == UNTOLD, "three AUs are no ten"


def test_maxima_are_of_the_mean_map_of_the_networks_that_have_one():
    home = occlusion_at({au: centre_of(au) for au in AUS})
    weak = replace(home, score=0.9 - (0.9 - home.score) / 4)
    away = occlusion_at({au: centre_of(17) for au in AUS})
    assert maxima_inside([away, away, home], REGISTRATION, 20) == dict.fromkeys((1, 6, 10), False)
    assert maxima_inside([weak, home, away], REGISTRATION, 20) == dict.fromkeys((1, 6, 10), True)
    without = replace(away, n_recognised=np.array([19, 500, 500, 10]))
    assert maxima_inside([weak, without], REGISTRATION, 20) == {1: True, 6: False, 10: False}


@pytest.mark.parametrize(("astray", "verdict"), [((), "yes"), ((1, 2), "yes"), ((1, 2, 4), "no")])
def test_ten_of_the_papers_twelve_maps_must_lie_at_home(astray, verdict):
    elsewhere = {au: centre_of(17) for au in astray}
    one = occlusion_at({au: centre_of(au) for au in PAPER_AUS} | elsewhere, aus=PAPER_AUS)
    (row,) = judge_regions([one], REGISTRATION, 5)
    assert row["value"] == 12 - len(astray)
    assert row["came_out"] == verdict


def test_company_is_the_maps_share_in_the_neighbours_region():
    own = {au: centre_of(au) for au in AUS}
    alone = [occlusion_at(own, fold) for fold in (1, 2)]
    together = [occlusion_at(own | {6: centre_of(10)}, 1), occlusion_at(own | {6: (52, 70)}, 2)]
    shares = company_shares(together, alone, REGISTRATION, 5)
    assert len(shares) == 8
    assert set(shares["measure"]) == {"accuracy"}
    too_rare = company_shares(together, alone, REGISTRATION, 20)
    assert too_rare["share"].isna().tolist() == [False, True] * 4, "AU 12 has 9 frames recognised"
    six, twelve = judge_company(shares)
    parts = shares[shares["au"] == 6].groupby("occur")["share"].apply(list)
    assert six["came_out"] == "no", "two networks that differ widely prove nothing"
    assert six["value"] == pytest.approx(
        np.mean(parts["together"]) - np.mean(parts["independently"])
    )
    oracle = ttest_ind(parts["together"], parts["independently"], equal_var=False).pvalue
    assert six["p"] == pytest.approx(oracle, nan_ok=True)
    assert twelve["value"] == 0
    assert twelve["came_out"] == UNTOLD, "no spread to test with"
    alike = [occlusion_at(own | {6: centre_of(10), 12: (50, 70 + fold)}, fold) for fold in (1, 2)]
    of_accuracy = company_shares([*alike, together[0]], [*alone, together[1]], REGISTRATION, 5)
    swapped = of_accuracy.assign(
        measure="AUC",
        occur=of_accuracy["occur"].map({"together": "independently", "independently": "together"}),
    )
    six, _, of_auc, _ = judge_company(pd.concat([of_accuracy, swapped]))
    assert six["p"] < 0.05
    assert six["came_out"] == "yes"
    assert of_auc["value"] == -six["value"]
    assert (of_auc["expected"], of_auc["came_out"]) == ("", "")


def test_the_page_and_the_figure_say_what_came_out(tmp_path):
    doses = {0.0: better_by({}), 1.0: better_by({1: 0.03}), 2.5: better_by({1: 0.1, 6: 0.01})}
    response = dose_response(doses, "facs3d", "cnn2d", (1,))
    null = pd.DataFrame(
        {"model": ["cnn2d", "facs3d"], "n_cells": 48, "corrected": 0.03, "paper": [0.2, 0.1]}
    )
    own = {au: centre_of(au) for au in AUS}
    maps = [occlusion_at(own | {6: centre_of(10)})], [occlusion_at(own)]
    of_auc = [[replace(one, measure="AUC") for one in networks] for networks in maps[::-1]]
    shares = pd.concat(company_shares(*two, REGISTRATION, 5) for two in (maps, of_auc))
    figure = draw_controls(response, null, shares)
    assert_drawn(figure)
    company = figure.axes[2]
    names = [label.get_text() for label in company.get_xticklabels()]
    assert names == ["AU 6\naccuracy", "AU 12\naccuracy", "AU 6\nAUC", "AU 12\nAUC"]
    for bars, occur in zip(company.containers, ("independently", "together"), strict=True):
        there = shares[shares["occur"] == occur]
        assert [bar.get_height() for bar in bars] == pytest.approx(100 * there["share"].to_numpy())
    assert "Table II-R" in texts(figure)
    assert "AUs: under control" in texts(figure)
    table = as_table([*judge_dynamics(doses, "facs3d", "cnn2d", (6,)), *judge_company(shares)])
    path = tmp_path / "controls.html"
    write_report("Controls", controls_notes(), controls_grids(table, response), path)
    page = path.read_text()
    assert "<b>did not come out</b>" in page
    assert "2.75" in page, "points, not shares"


def test_the_script_judges_maps_of_both_measures(tmp_path):
    """Those of accuracy have their maxima at the chin, those of the AUC at home."""
    inputs = {"doses": [0, 2.5], "by-fold": [], "by-subject": []}
    for dose, lead in zip(inputs["doses"], ({}, {1: 0.1}), strict=True):
        measured = better_by(lead)
        for unit, table in (("fold", measured.by_fold), ("subject", measured.by_subject)):
            path = tmp_path / f"{dose}_{unit}.csv"
            write_table(table, path)
            inputs[f"by-{unit}"].append(path)
    maps = write_occlusion(
        tmp_path / "o.h5", PAPER_AUS, np.zeros((SIDE, SIDE)), n_positive=(500,) * 12
    )
    with h5py.File(maps, "a") as file:
        for name, centre in (("accuracy", lambda _: centre_of(17)), ("auc", centre_of)):
            drawn = occlusion_at({au: centre(au) for au in PAPER_AUS}, aus=PAPER_AUS)
            file[name][:], file[f"baseline_{name}"][:] = drawn.score, drawn.baseline
    inputs |= {"controlled": [1], "seeds-per-split": [2], "together": [maps], "alone": [maps]}
    inputs |= {"min-positive": [20], "registration-centre": ["eye_line"]}
    names = ("table", "doses", "null", "company", "html", "png", "pdf")
    inputs |= {f"output-{name}": [tmp_path / f"controls.{name}"] for name in names}
    words = [word for name, values in inputs.items() for word in (f"--{name}", *values)]
    done = run_script("compare_controls", *words)
    assert done.returncode == 0, done.stderr
    table = read_table(tmp_path / "controls.table")
    regions = table[table["control"] == "regions"]
    assert regions["value"].tolist() == [1, 12]
    assert regions["came_out"].tolist() == ["no", "yes"]
    assert [statistic.split("of ")[2][:3] for statistic in regions["statistic"]] == ["acc", "AUC"]
    company = read_table(tmp_path / "controls.company")
    assert company["measure"].tolist() == ["accuracy"] * 4 + ["AUC"] * 4


def test_doses_are_those_of_the_configs():
    doses = control_doses(ROOT / "config")
    assert next(iter(doses.items())) == ("controls_statics", 0)
    assert len(doses) >= 3
    assert sorted(doses.values()) == list(doses.values())
