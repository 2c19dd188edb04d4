"""A fake EB+: 200 subjects, 1,261 videos, tiny frames, in BP4D+ layout as distributed (zips)."""

import zipfile
from pathlib import Path
from statistics import NormalDist

import cv2
import numpy as np

from facs3d.core.action_units import PAPER_AUS, au_column

SUBJECTS, VIDEOS = 200, 1261
MEAN, DEVIATION = 328, 91
"""Of the number of annotated frames in a video (paper, Sec. III-A)."""
SHORTEST = 20


def video_names() -> list[tuple[str, str]]:
    """(subject, task) of all videos: 6 or 7 per subject (the paper: 5 to 8)."""
    per_subject = [VIDEOS // SUBJECTS + (number < VIDEOS % SUBJECTS) for number in range(SUBJECTS)]
    return [
        (f"F{number + 1:03d}", f"T{task + 1}")
        for number, tasks in enumerate(per_subject)
        for task in range(tasks)
    ]


def frame_counts() -> list[int]:
    """Annotated frames of each video: the quantiles of the paper's normal, shuffled."""
    normal = NormalDist(MEAN, DEVIATION)
    counts = [round(normal.inv_cdf((place + 0.5) / VIDEOS)) for place in range(VIDEOS)]
    return np.random.default_rng(0).permutation(np.maximum(counts, SHORTEST)).tolist()


def write_fake_ebplus(root: Path) -> None:
    """Label frames from 1, images from 0; intensities and occurrences agree."""
    rng = np.random.default_rng(1)
    coding = root / "AUCoding"
    archives: dict[str, zipfile.ZipFile] = {}
    for folder in ("AU_OCC", *(f"AU_INT/{au_column(au)}" for au in PAPER_AUS)):
        (coding / folder).mkdir(parents=True)
    (root / "2D+3D").mkdir()
    for (subject, task), n_frames in zip(video_names(), frame_counts(), strict=True):
        intensity = rng.choice(
            6, size=(n_frames, len(PAPER_AUS)), p=[0.6, 0.1, 0.1, 0.1, 0.05, 0.05]
        )
        rows = [
            f"{frame},{','.join(str(int(code > 0)) for code in codes)}"
            for frame, codes in enumerate(intensity, start=1)
        ]
        header = ",".join(map(str, (0, *PAPER_AUS)))
        name = f"{subject}_{task}"
        (coding / "AU_OCC" / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")
        for column, au in enumerate(map(au_column, PAPER_AUS)):
            text = "".join(f"{f},{code}\n" for f, code in enumerate(intensity[:, column], start=1))
            (coding / "AU_INT" / au / f"{name}_{au}.csv").write_text(text)
        if subject not in archives:
            archives[subject] = zipfile.ZipFile(root / "2D+3D" / f"{subject}.zip", "w")
        images = rng.integers(0, 256, (n_frames, 4, 4), dtype=np.uint8)
        for number, image in enumerate(images):
            content = cv2.imencode(".jpg", image)[1].tobytes()
            archives[subject].writestr(f"{subject}/{task}/{number:04d}.jpg", content)
    for archive in archives.values():
        archive.close()
