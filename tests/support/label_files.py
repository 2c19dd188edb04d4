"""Label files of BP4D+, and files to lie beside them."""

from pathlib import Path

from facs3d.datasets.bp4dplus import read_labels
from facs3d.datasets.positive import positive_rules


def write(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def occurrence(root, text, name="F001_T1"):
    return write(root / "AUCoding" / "AU_OCC" / f"{name}.csv", text)


def intensity(root, au, text, name="F001_T1"):
    return write(root / "AUCoding" / "AU_INT" / au / f"{name}_{au}.csv", text)


def labels_of(path, aus, positive):
    return read_labels(path, path.stem, positive_rules(positive, aus))


def shown(videos, root):
    return [
        (video.video, video.subject, video.task, str(Path(video.path).relative_to(root)))
        for video in videos
    ]
