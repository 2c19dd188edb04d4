"""What the shell of every job does before its program starts. Standard library only."""

import os
import shlex
import sys
from pathlib import Path

from facs3d.core.program import PARENTS

NOT_ACTIVE = (
    "error: the conda environment of this job was not activated (python is $(command -v python)); "
    "make it anew: delete it under .snakemake/conda and run again"
)


def job_prefix(conda: bool, python: str = sys.executable, outer: str | None = None) -> str:
    """Shell text: errors end the job, which is told whom it must not outlive and sees no package of
    the user's own (``~/.local``).

    With ``conda``, a job in another environment than its own is an error: Snakemake goes on where
    activation fails. ``outer`` is the environment Snakemake itself runs in, by default
    ``CONDA_PREFIX``. Without, the job's ``python`` is that of Snakemake, activated or not.
    """
    outer = os.environ.get("CONDA_PREFIX", "") if outer is None else outer
    lines = ["set -euo pipefail", f'export {PARENTS}="$PPID $$" PYTHONNOUSERSITE=1']
    if conda:
        own = '"${CONDA_PREFIX:-}" != ' + shlex.quote(outer)
        lines.append(
            f'[[ {own} && "$(command -v python)" == "${{CONDA_PREFIX:-}}"/* ]] '
            f'|| {{ echo "{NOT_ACTIVE}" >&2; exit 1; }}'
        )
    else:
        lines.append(f'export PATH={shlex.quote(str(Path(python).parent))}:"$PATH"')
    return "; ".join(lines) + "; "
