"""The whole config as people see it: its JSON schema, and the page that explains every setting.

Both follow from the settings' classes and are kept in the repository: the workflow reads the schema
before it has the packages that those classes need.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import yaml

from facs3d.core.settings import Setting, Settings, setting, settings_of
from facs3d.datasets.settings import DatasetSettings
from facs3d.evaluation.multiverse_settings import MultiverseSettings
from facs3d.evaluation.occlusion.sensitivity import OcclusionSettings
from facs3d.evaluation.settings import EvaluationSettings
from facs3d.prediction.settings import PredictionSettings
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.settings import SamplingSettings
from facs3d.report.figures.occlusion_maps import OcclusionMapSettings
from facs3d.report.figures.registered_faces import RegisteredFacesSettings
from facs3d.report.figures.time_course import TimeCourseSettings
from facs3d.synthetic.dataset import SyntheticSettings
from facs3d.training.models import Architecture
from facs3d.training.names import MODEL_NAMES
from facs3d.training.settings import TrainingSettings

TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}
RUN = rf"^({'|'.join(MODEL_NAMES)})/repeat[1-9][0-9]*/fold[1-9][0-9]*$(?!\n)"
DATASET_ON_DISK = {
    "if": {"properties": {"synthesize": {"const": False}}},
    "then": {
        "properties": {
            "root": {"type": "string", "description": "a dataset on disk needs its folder"},
            "sheet": {
                "type": "string",
                "description": "a dataset on disk needs the path of its video sheet (write it with "
                "`snakemake index_videos`)",
            },
        }
    },
    "else": {
        "properties": {
            "root": {
                "const": None,
                "description": "the synthetic dataset lies in results/<name>/dataset",
            }
        }
    },
}
SCHEMA_HEAD = """\
# Made by `make settings` from the settings' classes; change those. A description ends the error
# message of its field.
"""
PAGE_HEAD = """\
# Configuration

Made by `make settings` from the settings' classes; change those. A config file holds what differs
from these defaults, which are the paper's protocol where the paper says one. Unknown keys are
errors.

Without `--configfile` the demo runs (`config/config.yaml`). Of several files the later win, so a
change of your own is a file beside another: `--configfile config/ebplus.yaml mine.yaml`.
(`--config` is for single values such as `draw=true`.) Run Snakemake in the folder of the Snakefile.
Where the paper is silent: [paper and code](paper-and-code.md) says what was chosen, and why.
"""


@dataclass(frozen=True)
class FigureSettings(Settings, section="figures"):
    """What the figures show."""

    time_course: TimeCourseSettings = field(default_factory=TimeCourseSettings)
    registered_faces: RegisteredFacesSettings = field(default_factory=RegisteredFacesSettings)
    occlusion_runs: tuple[str, ...] = setting(
        ("facs3d/repeat1/fold1",),
        "runs such as facs3d/repeat1/fold1; the first one is Fig. 4",
        unique=True,
        pattern=RUN,
        allowed_words="a list of runs",
        paper="40 subjects of one fold",
    )
    occlusion_other_datasets: bool = setting(
        False,
        "these maps also of all clips of evaluation.other_datasets, and a table of how local they "
        "are there",
    )
    occlusion_maps: OcclusionMapSettings = field(default_factory=OcclusionMapSettings)


@dataclass(frozen=True)
class Configuration(Settings, section=""):
    """The run as a whole."""

    seed: int = setting(1, "every random draw follows from it", minimum=0, paper="silent")
    dataset: DatasetSettings = field(default_factory=DatasetSettings)
    synthesis: SyntheticSettings = field(default_factory=SyntheticSettings)
    registration: RegistrationSettings = field(default_factory=RegistrationSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    models: tuple[str, ...] = setting(
        MODEL_NAMES,
        "the networks to train and compare",
        choices=MODEL_NAMES,
        unique=True,
        paper="these three",
    )
    architecture: Architecture = field(default_factory=Architecture)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    input: str | tuple[str, ...] | None = setting(
        None,
        "a video, a folder of videos or a list of such, for `predict`; what `--config` reads as a "
        "number or the like goes by `python workflow_scripts/predict.py`",
        schema={"type": ["string", "array", "null"], "items": {"type": "string"}},
        allowed_words="a path, a list of paths, or null",
    )
    draw: bool | str = setting(
        False,
        "whether `predict` also draws the AUs beside the face; `--config draw=true` gives text",
        schema={"enum": [True, False, "true", "false"]},
        allowed_words="true or false",
    )
    predict: PredictionSettings = field(default_factory=PredictionSettings)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)
    multiverse: MultiverseSettings = field(default_factory=MultiverseSettings)
    occlusion: OcclusionSettings = field(default_factory=OcclusionSettings)
    figures: FigureSettings = field(default_factory=FigureSettings)


def config_schema() -> dict[str, Any]:
    """The JSON schema of a config: every key with its default, other keys are errors."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= _section_schema(Configuration())
    schema["properties"]["dataset"] |= DATASET_ON_DISK
    schema["properties"]["input"]["minLength"] = 1
    return schema


def schema_text() -> str:
    """``config/schemas/config.schema.yaml``: a line per setting."""
    return SCHEMA_HEAD + "\n".join(_yaml_lines(config_schema(), "")) + "\n"


def configuration_page(demo: Mapping[str, Any]) -> str:
    """``docs/configuration.md``: a table per section; ``demo`` is the demo's config as its file
    has it, whose values are shown where they differ."""
    return PAGE_HEAD + "".join(_tables(Configuration(), demo))


def _sections(settings: Settings) -> dict[str, Settings]:
    """Name -> the sections within one."""
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return {name: value for name, value in values.items() if isinstance(value, Settings)}


def _own(settings: Settings) -> dict[str, Setting]:
    """Name -> the settings that people set in this section of the config."""
    place = f"{settings.section}." if settings.section else ""
    return {
        name: known
        for name, known in settings_of(type(settings)).items()
        if known.place == f"{place}{name}"
    }


def _section_schema(settings: Settings) -> dict[str, Any]:
    own, sections = _own(settings), _sections(settings)
    properties = {}
    for each in fields(settings):
        if each.name in own:
            properties[each.name] = _property(own[each.name])
        elif each.name in sections:
            properties[each.name] = _section_schema(sections[each.name])
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _property(known: Setting) -> dict[str, Any]:
    default = list(known.default) if isinstance(known.default, tuple) else known.default
    rest: dict[str, Any] = {"default": default, "description": known.meaning}
    if known.schema is not None:
        return {**known.schema, **rest}
    limits = {
        "minimum": known.minimum,
        "exclusiveMinimum": known.above,
        "maximum": known.maximum,
        "exclusiveMaximum": known.below,
        "multipleOf": 2 if known.even else None,
        "pattern": known.pattern or None,
    }
    item: dict[str, Any] = {"type": TYPES[known.kind]}
    if known.choices:
        item = {"enum": list(known.choices)}
    item |= {name: limit for name, limit in limits.items() if limit is not None}
    if known.is_list:
        item = {"type": "array", "items": item, "minItems": known.fewest}
        item |= {"uniqueItems": True} if known.unique else {}
    elif known.optional:
        item["type"] = [item["type"], "null"]
    return {**item, **rest}


def _yaml_lines(schema: Mapping[str, Any], indent: str) -> Iterator[str]:
    """Sections as blocks, all else in one line."""
    for key, value in schema.items():
        section = isinstance(value, Mapping) and value.get("type") == "object"
        if key == "properties" or (section and "properties" in value):
            yield f"{indent}{key}:"
            yield from _yaml_lines(value, f"{indent}  ")
        else:
            yield indent + _in_yaml({key: value})[1:-1]


def _in_yaml(value: object) -> str:
    """A value in one line, as a config file has it."""
    plain = list(value) if isinstance(value, tuple) else value
    text = yaml.safe_dump(plain, default_flow_style=True, width=10**6, sort_keys=False)
    return text.removesuffix("...\n").strip()


def _tables(settings: Settings, demo: Mapping[str, Any]) -> Iterator[str]:
    title = f"`{settings.section}`" if settings.section else "Top level"
    yield f"\n## {title}\n\n{str(type(settings).__doc__).partition(chr(10))[0]}\n\n"
    yield "| setting | default | allowed | meaning | the paper | the demo |\n"
    yield "|---|---|---|---|---|---|\n"
    for name, known in _own(settings).items():
        default, other = _in_yaml(known.default), _in_yaml(demo.get(name, known.default))
        cells = (
            f"`{known.place}`",
            f"`{default}`",
            known.allowed,
            known.meaning,
            known.paper,
            f"`{other}`" if other != default else "",
        )
        yield "| " + " | ".join(cells) + " |\n"
    for name, section in _sections(settings).items():
        yield from _tables(section, demo.get(name, {}))
