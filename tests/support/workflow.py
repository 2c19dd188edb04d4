"""The workflow as Snakemake reads it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snakemake.api import ConfigSettings, OutputSettings, ResourceSettings, SnakemakeApi
from snakemake.rules import Rule
from snakemake.settings.types import Quietness

ROOT = Path(__file__).parents[2]


@contextmanager
def read_rules(config: Path | None = None) -> Iterator[list[Rule]]:
    """The rules of the Snakefile, for a config or the demo's; nothing is run."""
    before = Path.cwd()
    try:
        with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
            workflow = api.workflow(
                resource_settings=ResourceSettings(cores=1),
                config_settings=ConfigSettings(configfiles=[config] if config else []),
                snakefile=ROOT / "Snakefile",
            )
            yield list(workflow._workflow.rules)
    finally:
        os.chdir(before)
