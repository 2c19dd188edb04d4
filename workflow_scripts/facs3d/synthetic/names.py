"""What the synthetic dataset's subjects and tasks are called."""


def synthetic_subjects(n_subjects: int) -> list[str]:
    """``F001``, ``F002``, …; the letter means nothing here (in BP4D+ it is the subject's sex)."""
    return [f"F{number:03d}" for number in range(1, n_subjects + 1)]


def synthetic_tasks(videos_per_subject: int) -> list[str]:
    """``T1``, ``T2``, …: one video each."""
    return [f"T{number}" for number in range(1, videos_per_subject + 1)]
