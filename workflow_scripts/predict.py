"""Predict the AUs of new videos, whatever they are called.

Runs `snakemake predict` with the videos in a config file, where nothing rewrites their names.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from facs3d.core.program import run

BASE = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        epilog="Other options go to Snakemake, values after a sign: --use-conda --jobs=4.",
    )
    parser.add_argument(
        "videos",
        nargs="*",
        metavar="VIDEO",
        help="a video, a folder of videos, an image or a folder of images",
    )
    parser.add_argument("--draw", action="store_true", help="also draw the AUs beside the face")
    parser.add_argument("--cores", default="all", help="as Snakemake's (all)")
    parser.add_argument(
        "--configfile",
        action="append",
        type=Path,
        help="config of the dataset whose networks are applied (the demo's); the last wins",
    )
    args, others = parser.parse_known_args()
    if not args.videos:
        parser.error("no VIDEO is named; one whose name begins with - is written ./-a.mp4")
    configs = args.configfile or [BASE / "config" / "config.yaml"]
    videos = [str(Path(video).expanduser().absolute()) for video in args.videos]
    with tempfile.TemporaryDirectory(prefix="predict-") as folder:
        config = Path(folder) / "input.yaml"
        config.write_text(yaml.safe_dump({"input": videos, "draw": args.draw}), encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--snakefile", BASE / "Snakefile"]
        command += ["--directory", BASE, "--cores", args.cores, "--configfile"]
        command += [*(path.absolute() for path in configs), config]
        sys.exit(subprocess.run([*map(str, command), *others, "--", "predict"]).returncode)


if __name__ == "__main__":
    run(main)
