"""The workflow as Snakemake reads it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snakemake.api import (
    ConfigSettings,
    DeploymentSettings,
    OutputSettings,
    ResourceSettings,
    SnakemakeApi,
)
from snakemake.rules import Rule
from snakemake.settings.types import DeploymentMethod, Quietness

ROOT = Path(__file__).parents[2]


@contextmanager
def read_rules(config: Path | None = None, conda: bool = False) -> Iterator[list[Rule]]:
    """The rules of the Snakefile, for a config or the demo's, with or without conda; nothing is
    run."""
    methods = {DeploymentMethod.CONDA} if conda else set()
    before = Path.cwd()
    try:
        with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
            workflow = api.workflow(
                resource_settings=ResourceSettings(cores=1),
                deployment_settings=DeploymentSettings(methods),
                config_settings=ConfigSettings(configfiles=[config] if config else []),
                snakefile=ROOT / "Snakefile",
            )
            yield list(workflow._workflow.rules)
    finally:
        os.chdir(before)
