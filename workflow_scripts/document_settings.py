"""Write the config's schema and the page of all settings from the settings' classes."""

import argparse
from pathlib import Path

import yaml

from facs3d.core.atomic import whole
from facs3d.core.program import run
from facs3d.report.configuration import configuration_page, schema_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, required=True, help="the demo's config, to compare")
    parser.add_argument("--output-schema", type=Path, required=True, help="JSON schema (YAML)")
    parser.add_argument("--output-page", type=Path, required=True, help="tables (Markdown)")
    args = parser.parse_args()
    demo = yaml.safe_load(args.demo.read_text(encoding="utf-8"))
    for path, text in (
        (args.output_schema, schema_text()),
        (args.output_page, configuration_page(demo)),
    ):
        with whole(path) as unfinished:
            unfinished.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
