"""Render pictures that show the synthetic dataset: each AU, combinations, subjects."""

import argparse
from pathlib import Path

import cv2

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.synthetic.dataset import SyntheticSettings, save_regions
from facs3d.synthetic.examples import render_examples, save_examples
from facs3d.synthetic.heads.regions import action_regions
from facs3d.synthetic.sources import open_source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portrait", type=Path, help="from make_portrait.py; heads need none")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", required=True, help="pictures by title (.npz)")
    parser.add_argument("--regions", type=Path, help="where each AU acts on heads (.npz)")
    add_flags(parser, SyntheticSettings)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    settings = from_flags(SyntheticSettings, args)
    source = open_source(settings, args.portrait)
    save_examples(render_examples(source, args.seed, settings), args.output)
    if args.regions:
        save_regions(args.regions, *action_regions())


if __name__ == "__main__":
    run(main)
