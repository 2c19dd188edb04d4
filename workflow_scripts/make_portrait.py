"""Prepare the neutral portrait that the synthetic dataset is rendered from."""

import argparse
from pathlib import Path

from facs3d.core.program import run
from facs3d.synthetic.dataset import save_regions
from facs3d.synthetic.detection import detect_portrait
from facs3d.synthetic.expression import action_fields, action_regions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="portrait (.npz)")
    parser.add_argument("--regions", type=Path, help="where each AU acts (.npz)")
    arguments = parser.parse_args()
    portrait = detect_portrait()
    portrait.save(arguments.output)
    if arguments.regions:
        save_regions(arguments.regions, action_regions(action_fields()), portrait.landmarks[:, :2])


if __name__ == "__main__":
    run(main)
