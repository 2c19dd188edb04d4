"""Render pictures that show the synthetic dataset: each AU, combinations, subjects."""

import argparse
from pathlib import Path

import cv2

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.synthetic.dataset import SyntheticSettings
from facs3d.synthetic.examples import render_examples, save_examples
from facs3d.synthetic.expression import action_fields
from facs3d.synthetic.portrait import load_portrait


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portrait", type=Path, required=True, help="from make_portrait.py")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", required=True, help="pictures by title (.npz)")
    add_flags(parser, SyntheticSettings)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    settings = from_flags(SyntheticSettings, args)
    portrait = load_portrait(args.portrait)
    save_examples(render_examples(portrait, action_fields(), args.seed, settings), args.output)


if __name__ == "__main__":
    run(main)
