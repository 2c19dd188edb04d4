"""Subject-exclusive folds (Sec. IV-A.2): every subject belongs to exactly one fold."""

import csv
from collections.abc import Mapping
from pathlib import Path

from facs3d.core.atomic import whole
from facs3d.core.csv_text import shown, whole_number, written_table
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator

REMEDY = "write it with split_folds"


def split_folds(subjects: set[str], n_folds: int, seed: int) -> dict[str, int]:
    """Assign each subject at random to a fold 1 … ``n_folds``; fold sizes differ by at most one.

    Raises :class:`InputError` if there are fewer subjects than folds.
    """
    if len(subjects) < n_folds:
        raise InputError(f"{len(subjects)} subjects cannot fill {n_folds} folds; set `folds` lower")
    shuffled = generator(seed, "folds").permutation(sorted(subjects))
    return {str(subject): 1 + place % n_folds for place, subject in enumerate(shuffled)}


def folds_of(
    subjects: set[str], assigned: Mapping[str, int], n_folds: int, seed: int
) -> dict[str, int]:
    """Subject -> fold for ``subjects``, those that give a clip: as ``assigned`` (see
    :func:`facs3d.datasets.sheet.assigned_folds`), or at random where that is empty.

    A fold may be left without a subject if all of its are without a clip. Raises
    :class:`InputError` as :func:`split_folds` does.
    """
    if assigned:
        return {subject: assigned[subject] for subject in subjects}
    return split_folds(subjects, n_folds, seed)


def write_folds(folds: dict[str, int], path: str | Path) -> None:
    """Write ``subject,fold``, sorted by fold, then subject."""
    with whole(path) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("subject", "fold"))
        rows = sorted(folds.items(), key=lambda item: (item[1], item[0]))
        writer.writerows(rows)


def read_folds(path: str | Path) -> dict[str, int]:
    """Read subject -> fold; :class:`InputError` for a subject listed twice or a bad number."""
    folds: dict[str, int] = {}
    for place, row in written_table(path, ("subject", "fold"), REMEDY):
        subject = row["subject"]
        if not subject:
            raise InputError(f"{place}: no subject; {REMEDY}")
        if subject in folds:
            raise InputError(f"{place}: subject {shown(subject)} stands twice; {REMEDY}")
        folds[subject] = whole_number(place, row, "fold", least=1)
    if not folds:
        raise InputError(f"{path}: no subject; {REMEDY}")
    return folds


def held_out(folds: dict[str, int], fold: int) -> set[str]:
    """The subjects of ``fold``; :class:`InputError` if it has none."""
    subjects = {subject for subject, number in folds.items() if number == fold}
    if not subjects:
        raise InputError(
            f"no subject with a clip is in fold {fold}; folds are {sorted(set(folds.values()))}"
        )
    return subjects
