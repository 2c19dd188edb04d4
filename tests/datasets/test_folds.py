"""Subject-exclusive folds (Sec. IV-A.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facs3d.core.errors import InputError
from facs3d.datasets.folds import held_out, read_folds, read_splits, split_folds, write_folds
from facs3d.datasets.sheet import Video, assigned_folds

names = st.sets(st.text("abcXYZ0123456789_", min_size=1, max_size=6), min_size=2, max_size=60)


@given(subjects=names, n_folds=st.integers(2, 8), seed=st.integers(0, 999))
def test_every_subject_is_in_exactly_one_fold_and_folds_are_even(subjects, n_folds, seed):
    if len(subjects) < n_folds:
        with pytest.raises(InputError, match="cannot fill"):
            split_folds(subjects, n_folds, seed)
        return
    folds = split_folds(subjects, n_folds, seed)
    parts = [held_out(folds, fold) for fold in range(1, n_folds + 1)]
    assert set.union(*parts) == subjects
    assert sum(map(len, parts)) == len(subjects)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_the_papers_200_subjects_give_five_folds_of_40():
    folds = split_folds({f"F{number:03d}" for number in range(200)}, 5, seed=1)
    assert [len(held_out(folds, fold)) for fold in range(1, 6)] == [40] * 5


def test_the_split_follows_the_seed_only():
    subjects = {f"F{number:03d}" for number in range(20)}
    assert split_folds(subjects, 5, 1) == split_folds(set(subjects), 5, 1)
    assert split_folds(subjects, 5, 1) != split_folds(subjects, 5, 2)


def test_folds_survive_being_written(tmp_path):
    folds = split_folds({"b", "a", "c"}, 3, 1)
    write_folds(folds, tmp_path / "folds.csv")
    assert read_folds(tmp_path / "folds.csv") == folds


def test_repeats_have_their_own_splits(tmp_path):
    first, second = {"a": 1, "b": 2}, {"a": 2, "b": 1}
    write_folds(first, tmp_path / "1.csv")
    write_folds(second, tmp_path / "2.csv", repeat=2)
    paths = [tmp_path / "1.csv", tmp_path / "2.csv"]
    assert read_splits(paths) == {1: first, 2: second}
    assert paths[1].read_text() == "subject,repeat,fold\nb,2,1\na,2,2\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("subject,repeat,fold\na,1,1\na,1,2\n", "line 3.*stands twice"),
        ("subject,repeat,fold\na,1,0\n", "line 2.*fold is '0'"),
        ("subject,fold\na,1\n", "line 1"),
        ("subject,repeat,fold\n", "no subject"),
        ("subject,repeat,fold\na\n", "line 2: 1 columns, expected the header's 3; write it"),
        ("subject,repeat,fold\n,1,1\n", "line 2: no subject"),
        (
            f"subject,repeat,fold\na,1,{5000 * '1'}\n",
            "line 2: fold is '1+…', expected a whole number",
        ),
        ("subject,repeat,fold\na\0,1,1\n", "line 2: a NUL character"),
        ("subject,repeat,fold,fold\na,1,1,2\n", "line 1: 2 columns 'fold', expected one"),
        ("subject,repeat,fold\na,0,1\n", "line 2.*repeat is '0'"),
        ("subject,repeat,fold\na,1,1\na,2,1\n", r"holds repeats \[1, 2\], expected one"),
    ],
)
def test_a_broken_folds_table_is_refused(tmp_path, text, message):
    (tmp_path / "folds.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_folds(tmp_path / "folds.csv")


def video(subject: str, fold: str) -> Video:
    return Video(f"{subject}_T1", subject, "T1", f"{subject}.avi", f"{subject}.csv", fold=fold)


def test_folds_of_the_sheet_are_taken_as_they_are():
    assert assigned_folds([video("a", "2"), video("b", "1")], 2) == {"a": 2, "b": 1}
    assert assigned_folds([video("a", ""), video("b", "")], 2) == {}
    for folds in ("1", "1"), ("1", "3"):
        with pytest.raises(InputError, match="expected 1 … 2"):
            assigned_folds([video("a", folds[0]), video("b", folds[1])], 2)
    with pytest.raises(InputError, match="2 subjects cannot fill 3 folds"):
        assigned_folds([video("a", "1"), video("b", "2")], 3)
