"""Subject-exclusive folds (Sec. IV-A.2): every subject belongs to exactly one fold."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from facs3d.core.atomic import whole
from facs3d.core.csv_text import shown, whole_number, written_table
from facs3d.core.errors import InputError
from facs3d.core.seeding import generator

REMEDY = "write it with split_folds"
COLUMNS = ("subject", "repeat", "fold")


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


def write_folds(folds: dict[str, int], path: str | Path, repeat: int = 1) -> None:
    """Write ``subject,repeat,fold``, sorted by fold, then subject."""
    with whole(path) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        rows = sorted(folds.items(), key=lambda item: (item[1], item[0]))
        writer.writerows((subject, repeat, fold) for subject, fold in rows)


def read_splits(paths: Iterable[str | Path]) -> dict[int, dict[str, int]]:
    """Read repeat -> subject -> fold; :class:`InputError` for a subject listed twice in a repeat,
    or a bad number."""
    splits: dict[int, dict[str, int]] = {}
    for path in paths:
        empty = True
        for place, row in written_table(path, COLUMNS, REMEDY):
            subject, empty = row["subject"], False
            if not subject:
                raise InputError(f"{place}: no subject; {REMEDY}")
            folds = splits.setdefault(whole_number(place, row, "repeat", least=1), {})
            if subject in folds:
                raise InputError(f"{place}: subject {shown(subject)} stands twice; {REMEDY}")
            folds[subject] = whole_number(place, row, "fold", least=1)
        if empty:
            raise InputError(f"{path}: no subject; {REMEDY}")
    return splits


def read_folds(path: str | Path) -> dict[str, int]:
    """Subject -> fold of the one repeat in the file; :class:`InputError` as :func:`read_splits`."""
    splits = read_splits([path])
    if len(splits) > 1:
        raise InputError(f"{path}: holds repeats {sorted(splits)}, expected one; {REMEDY}")
    return next(iter(splits.values()))


def held_out(folds: dict[str, int], fold: int) -> set[str]:
    """The subjects of ``fold``; :class:`InputError` if it has none."""
    subjects = {subject for subject, number in folds.items() if number == fold}
    if not subjects:
        raise InputError(
            f"no subject with a clip is in fold {fold}; folds are {sorted(set(folds.values()))}"
        )
    return subjects
