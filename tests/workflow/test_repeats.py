"""More repeats: other splits and other weights, and what is trained already stays."""

import pandas as pd
import pytest

from facs3d.datasets.folds import read_folds
from tests.support.checkout import ROOT, change

pytestmark = pytest.mark.workflow

RESULTS_PAGE = (ROOT / "docs" / "results.md").read_text()


def test_more_repeats_train_the_new_ones_only(copy_of_finished):
    change(copy_of_finished.folder / "tiny.yaml", "figures:", "evaluation: {repeats: 3}\nfigures:")
    jobs = copy_of_finished.planned()
    assert jobs["split_folds"] == 2
    assert jobs["train"] == 2 * 9
    of_frames = {"plot_time_course", "plot_detection_curves", "plot_reliability"}
    assert not of_frames & set(jobs)
    assert "occlusion_sensitivity" not in jobs


def test_repeats_share_a_split_where_they_are_told_to(copy_of_finished):
    """The tables then hold every repeat, each on all subjects."""
    change(
        copy_of_finished.folder / "tiny.yaml",
        "figures:",
        "evaluation: {repeats: 4, seeds_per_split: 2}\nmodels: [cnn2d, facs3d]\nfigures:",
    )
    change(copy_of_finished.folder / "tiny.yaml", "cnn2d/repeat1/fold2", "cnn2d/repeat4/fold2")
    done = copy_of_finished.snakemake()
    assert done.returncode == 0, done.stdout + done.stderr
    results = copy_of_finished.results
    splits = [read_folds(results / "folds" / f"repeat{repeat}.csv") for repeat in (1, 2, 3, 4)]
    assert splits[0] == splits[1] != splits[2] == splits[3]
    assert len(set(splits[2].values())) == 3
    weights = [
        (results / "models" / "cnn2d" / f"repeat{repeat}" / "fold1" / "weights.pt").read_bytes()
        for repeat in (1, 2, 3, 4)
    ]
    assert len(set(weights)) == 4
    by_subject = pd.read_csv(results / "tables" / "metrics_by_subject.csv")
    assert sorted(by_subject["repeat"].unique()) == [1, 2, 3, 4]
    n_subjects = by_subject.groupby(["model", "repeat"])["subject"].nunique()
    assert n_subjects.nunique() == 1
    seeds = pd.read_csv(results / "tables" / "provenance.csv").groupby("repeat")["seed"]
    assert (seeds.nunique() == 1).all()
    assert seeds.first().nunique() == 4
    tests = pd.read_csv(results / "tables" / "table2_repeats.csv")
    assert tests["n"].max() == 2 * 3, "of two splits, three folds each"
    assert set(tests["repeats"]) == {4}
    variance = pd.read_csv(results / "tables" / "variance.csv")
    assert variance["component"].unique().tolist() == ["seed", "split", "subject"]
    assert (variance[["n_splits", "seeds_per_split"]] == 2).all(axis=None)
    assert (results / "figures" / "variance.pdf").read_bytes().startswith(b"%PDF")
    table1 = pd.read_csv(results / "tables" / "table1.csv", index_col="AU")
    assert (table1.loc["Ave", ["F1_cnn2d_noise", "F1_facs3d_noise"]] > 0).all()
    columns = [*tests.columns, *variance.columns]
    assert [name for name in columns if f"`{name}`" not in RESULTS_PAGE] == []
    assert (results / "figures" / "occlusion_maps_cnn2d_repeat4_fold2.png").exists()
