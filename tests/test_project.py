"""The project's own files: one version, a citation by its schema, a licence, a forge's workflow."""

import json
import os
import re
import tomllib

import jsonschema
import pytest
import yaml

from facs3d.core.provenance import project_version, write_provenance
from tests.support.checkout import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", re.M)
# By the Citation File Format's authors, CC BY 4.0; as in the wheel of cffconvert 2.0.0.
CFF_SCHEMA = ROOT / "tests" / "support" / "cff-1.2.0.schema.json"


def as_json(value):
    """YAML's dates as the texts that the schema means."""
    return json.loads(json.dumps(value, default=str))


def test_the_citation_is_by_the_formats_schema():
    schema = json.loads(CFF_SCHEMA.read_text())
    jsonschema.validate(as_json(CITATION), schema)
    with pytest.raises(jsonschema.ValidationError, match="'year' is not|does not match|not valid"):
        jsonschema.validate(as_json(CITATION | {"date-released": "yesterday"}), schema)


def test_the_version_is_one():
    (version, released), *_older = RELEASE.findall((ROOT / "CHANGELOG.md").read_text())
    assert PROJECT["version"] == version == CITATION["version"]
    assert str(CITATION["date-released"]) == released


def test_releases_are_in_order():
    releases = RELEASE.findall((ROOT / "CHANGELOG.md").read_text())
    numbers = [tuple(map(int, version.split("."))) for version, _day in releases]
    assert len(numbers) >= 2
    assert numbers == sorted(set(numbers), reverse=True)
    assert [day for _, day in releases] == sorted((day for _, day in releases), reverse=True)


def test_results_say_the_version(tmp_path):
    write_provenance({}, tmp_path / "provenance.json")
    said = json.loads((tmp_path / "provenance.json").read_text())
    assert said["version"] == PROJECT["version"] == project_version()


@pytest.mark.parametrize("text", [None, '[project]\nname = "another"\nversion = "9"\n', ""])
def test_outside_its_checkout_the_version_is_not_known(tmp_path, monkeypatch, text):
    path = tmp_path / "pyproject.toml"
    if text is not None:
        path.write_text(text)
    monkeypatch.setattr("facs3d.core.provenance.PROJECT", path)
    assert project_version() is None


def test_the_licence_is_one():
    assert PROJECT["license"] == CITATION["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
    assert [name for name in PROJECT["license-files"] if not (ROOT / name).is_file()] == []


def test_the_citation_names_the_paper_as_the_readme_does():
    (entry,) = re.findall(r"^@inproceedings\{.+?^\}", (ROOT / "README.md").read_text(), re.M | re.S)
    plain = re.sub(r"\s+", " ", re.sub(r"[{}]", "", entry))
    paper = CITATION["preferred-citation"]
    assert f"title = {paper['title']}" in plain
    names = [f"{one['family-names']}, {one['given-names']}" for one in paper["authors"]]
    assert f"author = {' and '.join(names)}," in plain
    assert f"year = {paper['year']}" in plain


def test_a_forge_runs_what_everybody_can():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    (job,) = workflow["jobs"].values()
    assert job["runs-on"].startswith("ubuntu-")
    assert job["strategy"]["matrix"] == {"python": ["3.11", "3.12"]}
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    used = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
    assert used == ["actions/checkout", "actions/setup-python"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
