"""Which choices there are for a multiverse, and what their values may be."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from facs3d.core.errors import InputError
from facs3d.core.schema import first_error
from facs3d.planning.multiverse import AVERAGES, EVALUATED, NUMBERED, SECTIONS

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


def check_choices(config: dict, schema: "Draft202012Validator") -> None:
    """Raise :class:`InputError` for a choice of ``multiverse.choices`` that there is not, or a
    value of it that is not allowed."""
    whole: Any = schema.schema
    known = dict(_known_choices(whole["properties"]))
    for name, values in config["multiverse"]["choices"].items():
        if name not in known:
            raise InputError(
                f"config, multiverse.choices: there is no choice {name!r}; choices are the "
                "settings of architecture and training, such as architecture.padding, and "
                f"{', '.join(NUMBERED)}, {', '.join(EVALUATED)}"
            )
        for value in values:
            named = type(schema)({"properties": {name: known[name]}})
            error = first_error({name: value}, named)
            if error is not None:
                raise InputError(f"config, multiverse.choices.{error}")
        if any(value in values[:place] for place, value in enumerate(values)):
            raise InputError(f"config, multiverse.choices.{name}: {values} has a value twice")


def _known_choices(sections: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Name -> schema of a value."""
    for section in SECTIONS:
        for name, schema in sections[section]["properties"].items():
            yield f"{section}.{name}", schema
    for name in EVALUATED:
        if "." in name:
            yield name, sections["evaluation"]["properties"][name.partition(".")[2]]
    yield "average", {"enum": list(AVERAGES)}
    for name in NUMBERED:
        yield name, {"type": "integer", "minimum": 1}
