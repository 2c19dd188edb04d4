"""Say what `check_dataset.py` found; exit status 1 if results would be wrong."""

import argparse
import sys
from pathlib import Path

from facs3d.core.errors import InputError
from facs3d.core.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verdict", type=Path, required=True, help="of check_dataset.py")
    args = parser.parse_args()
    *notes, verdict = args.verdict.read_text(encoding="utf-8").splitlines()
    print(*notes, sep="\n", file=sys.stderr)
    if not verdict.startswith("ready"):
        raise InputError(verdict)
    print(verdict, file=sys.stderr)


if __name__ == "__main__":
    run(main)
