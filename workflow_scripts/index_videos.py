"""Write the video sheet of a dataset on disk: one row per video, for a person to check."""

import argparse
import sys
from types import ModuleType

from facs3d.core.errors import InputError
from facs3d.core.program import run
from facs3d.core.progress import track
from facs3d.core.settings import add_flags
from facs3d.datasets import open_layout
from facs3d.datasets.settings import DatasetSettings
from facs3d.datasets.sheet import Video, write_sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="folder of the dataset")
    parser.add_argument("--output", required=True, help="video sheet (CSV)")
    add_flags(parser, DatasetSettings, only=("layout",))
    args = parser.parse_args()
    layout = open_layout(args.layout)
    videos, notes = layout.find_videos(args.root)
    counted = []
    for video in track(videos, "reading labels", "videos"):
        n_frames, problem = count_frames(layout, video)
        counted.append(video._replace(annotated_frames=str(n_frames)))
        if problem:
            notes.append(problem)
    write_sheet(counted, args.output)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    subjects = len({video.subject for video in videos})
    print(f"{args.output}: {len(videos)} videos of {subjects} subjects", file=sys.stderr)


def count_frames(layout: ModuleType, video: Video) -> tuple[int, str]:
    """How many frames of a video are annotated; 0 and the reason if its labels cannot be read."""
    try:
        return len(layout.read_labels(video.label_path, video.video, {}).frame_number), ""
    except InputError as error:
        return 0, str(error)


if __name__ == "__main__":
    run(main)
