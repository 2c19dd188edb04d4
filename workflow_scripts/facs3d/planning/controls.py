"""The controls' datasets, as their configs lie in the repository."""

from pathlib import Path

import yaml


def control_doses(folder: Path) -> dict[str, float]:
    """Name of each dataset of the dynamics control -> its ``synthesis.mimicry``, statics first.

    ``folder`` holds controls.yaml, the statics, and controls/dynamics_*.yaml, which change it.
    """
    files = [folder / "controls.yaml", *sorted((folder / "controls").glob("dynamics_*.yaml"))]
    configs = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return {config["dataset"]["name"]: config["synthesis"]["mimicry"] for config in configs}
