"""Render the synthetic dataset's videos, with their labels and the truth about them."""

import argparse
from functools import partial
from pathlib import Path

import cv2

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.progress import track
from facs3d.core.settings import add_flags, from_flags
from facs3d.synthetic.dataset import SyntheticSettings, write_video
from facs3d.synthetic.names import synthetic_subjects, synthetic_tasks
from facs3d.synthetic.sources import open_source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portrait", type=Path, help="from make_portrait.py; heads need none")
    parser.add_argument("--root", type=Path, required=True, help="folder of the dataset")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--only", nargs="+", metavar="SUBJECT", help="only these (default: all)")
    add_flags(parser, SyntheticSettings)
    arguments = parser.parse_args()
    settings = from_flags(SyntheticSettings, arguments)
    names = synthetic_subjects(settings.subjects)
    for name in arguments.only or ():
        if name not in names:
            raise InputError(f"no subject {name!r}; there are {names[0]} to {names[-1]}")
    cv2.setNumThreads(1)
    source = open_source(settings, arguments.portrait)
    for name in track(arguments.only or names, "Rendering", "subjects"):
        subject = source.subject(arguments.seed, name, settings)
        film = partial(source.film, subject, settings=settings)
        for task in synthetic_tasks(settings.videos_per_subject):
            write_video(arguments.root, film, name, task, arguments.seed, settings)


if __name__ == "__main__":
    run(main)
