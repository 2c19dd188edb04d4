"""The generated schema and page are current, and say what the settings' classes check."""

from pathlib import Path

import pytest
import yaml

from facs3d.core.errors import InputError
from facs3d.evaluation.metrics import UNITS
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.planning.config import complete_config
from facs3d.prediction.settings import PredictionSettings
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.report.configuration import config_schema, configuration_page, schema_text
from facs3d.synthetic.dataset import SyntheticSettings
from facs3d.training.models import MODELS, Architecture
from facs3d.training.names import MODEL_NAMES
from facs3d.training.settings import TrainingSettings

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "config" / "schemas" / "config.schema.yaml"
DEMO = ROOT / "config" / "config.yaml"
STALE = "run `make settings`"


def test_the_schema_is_current():
    assert SCHEMA.read_text() == schema_text(), STALE
    assert yaml.safe_load(SCHEMA.read_text()) == config_schema()


def test_the_page_is_current():
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert page == configuration_page(yaml.safe_load(DEMO.read_text())), STALE


def test_the_page_shows_default_limits_meaning_and_the_demos_value():
    page = configuration_page({"training": {"epochs": 18, "momentum": 0.9}})
    row = "a whole number, at least 1 | passes over the training clips | 30 | `18` |"
    assert f"| `training.epochs` | `30` | {row}\n" in page
    (momentum,) = (line for line in page.splitlines() if "`training.momentum`" in line)
    assert momentum.endswith("| 0.9 |  |")
    assert "occlusion.threshold" not in page
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert {line.count(" | ") for line in rows if "---" not in line} == {5}


def leaves(schema: dict, place: tuple[str, ...] = ()):
    for name, inner in schema["properties"].items():
        if inner.get("type") == "object" and "properties" in inner:
            assert inner["additionalProperties"] is False
            yield from leaves(inner, (*place, name))
        else:
            yield (*place, name), inner


def places(section: dict, place: tuple[str, ...] = ()):
    for name, value in section.items():
        if isinstance(value, dict) and name not in ("positive", "choices"):
            yield from places(value, (*place, name))
        else:
            yield (*place, name)


def test_every_setting_has_a_default_and_a_meaning():
    found = dict(leaves(config_schema()))
    whole = (ROOT / "tests" / "planning" / "resolved.yaml").read_text()
    assert set(found) == set(places(yaml.safe_load(whole)["ebplus.yaml"]))
    assert all("default" in inner and inner["description"] for inner in found.values())


@pytest.mark.parametrize(
    ("settings_class", "section", "field", "good", "bad"),
    [
        (TrainingSettings, "training", "epochs", 1, 0),
        (TrainingSettings, "training", "momentum", 0, 1),
        (TrainingSettings, "training", "learning_rate", 1e-9, 0),
        (TrainingSettings, "training", "fused", False, 1),
        (RegistrationSettings, "registration", "image_size", 2048, 199),
        (RegistrationSettings, "registration", "max_yaw", 90, 90.5),
        (RegistrationSettings, "registration", "centre", "eye_line", "nose"),
        (Architecture, "architecture", "pool_padding", 1, 2),
        (Architecture, "architecture", "channels", [4, 4], [4, 0]),
        (SyntheticSettings, "synthesis", "dynamics_control", [], [3]),
        (SyntheticSettings, "synthesis", "dynamics_control", [1, 2], [1, 1]),
        (EvaluationSettings, "evaluation", "threshold", 0.9, 1),
        (EvaluationSettings, "evaluation", "paper_table1", None, 3),
        (PredictionSettings, "predict", "weights", None, 3),
    ],
)
def test_schema_and_class_agree(settings_class, section, field, good, bad):
    def as_field(value):
        return tuple(value) if isinstance(value, list) else value

    config = yaml.safe_load(DEMO.read_text())
    complete_config({**config, section: {field: good}}, SCHEMA)
    settings_class(**{field: as_field(good)})
    with pytest.raises(InputError, match=f"config, {section}.{field}"):
        complete_config({**config, section: {field: bad}}, SCHEMA)
    with pytest.raises(InputError, match=f"^{section}.{field} is "):
        settings_class(**{field: as_field(bad)})


def test_names_said_for_those_without_the_packages_are_those_of_the_code():
    assert tuple(MODELS) == MODEL_NAMES
    pairs = config_schema()["properties"]["evaluation"]["properties"]["pairs"]
    assert set(pairs["enum"]) == set(UNITS)
