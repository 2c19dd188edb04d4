"""Settings of a step: a frozen dataclass per section of the config, each setting said once.

A field made by :func:`setting` carries its default, its limits and its meaning. From these follow
the checks of its value, the flags of command lines, the config's schema and the tables of
``docs/configuration.md``. Standard library only.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from math import isfinite
from typing import Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

from facs3d.core.errors import InputError

KINDS = {int: "whole number", float: "number", str: "text", bool: "true or false"}
"""What a value can be."""


@dataclass(frozen=True)
class Setting:
    """One setting: what it means, what it may be, and where the config has it.

    ``minimum``, ``above``, ``maximum`` and ``below`` bound a number, or each number of a list;
    ``choices`` names all values; ``fewest`` items are in a list. ``allowed_words`` say what is
    allowed where these cannot; ``paper`` is what the paper says of it. ``schema`` is the JSON
    schema of a value that is neither one of :data:`KINDS` nor a list of them, and ``parse`` reads
    it from a command line's words; its class checks it. ``pattern``: of a text in the config.
    ``place``: the config's field, such as ``training.epochs``; ``kind`` of the value or of a
    list's items.
    """

    default: Any
    meaning: str
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    below: float | None = None
    even: bool = False
    choices: tuple = ()
    fewest: int = 1
    unique: bool = False
    pattern: str = ""
    allowed_words: str = ""
    paper: str = ""
    schema: Mapping[str, Any] | None = None
    parse: Callable[[list[str]], Any] | None = None
    name: str = ""
    place: str = ""
    kind: type = str
    is_list: bool = False
    optional: bool = False

    @property
    def bounds(self) -> str:
        """The limits in words, such as ``at least 1``; empty without any."""
        low = [f"above {self.above}"] * (self.above is not None)
        if self.minimum is not None and self.maximum is not None:
            low = [f"{self.minimum} to {self.maximum}"]
        elif self.minimum is not None:
            low = [f"at least {self.minimum}"]
        elif self.maximum is not None:
            low += [f"at most {self.maximum}"]
        if self.below is not None:
            low += [f"below {self.below}"]
        parts = low + ["even"] * self.even + ["each once"] * (self.is_list and self.unique)
        return ", ".join(parts)

    @property
    def allowed(self) -> str:
        """All that the value may be, in words."""
        if self.allowed_words:
            return self.allowed_words
        if self.choices:
            *others, last = map(str, self.choices)
            if self.is_list:
                return f"some of {', '.join([*others, last])}"
            return " or ".join([", ".join(others), last] if others else [last])
        kind = KINDS[self.kind]
        if self.is_list:
            kind += "s"
        elif self.kind in (int, float):
            kind = f"a {kind}"
        nothing = ["none"] * self.optional
        return ", ".join([part for part in (kind, self.bounds) if part] + nothing)

    def check(self, value: Any) -> None:
        """Raise :class:`InputError` naming the setting unless ``value`` is allowed."""
        if self.schema is not None or (self.optional and value is None):
            return
        if self.is_list and not isinstance(value, tuple):
            raise self.error(value, self.allowed)
        items = value if self.is_list else (value,)
        if not all(map(self._is_of_kind, items)):
            raise self.error(value, self.allowed)
        if self.choices and not set(items) <= set(self.choices):
            raise self.error(value, self.allowed)
        if not all(map(self._is_within, items)):
            raise self.error(value, self.bounds or self.allowed)
        if self.is_list and len(items) < self.fewest:
            raise self.error(value, f"{self.fewest} or more: {self.allowed}")
        if self.unique and len(set(items)) < len(items):
            raise self.error(value, "each once")

    def read(self, words: str | list[str]) -> object:
        """The checked value of a command line's word, or of its words for a list."""
        if self.parse is not None:
            value = self.parse([words] if isinstance(words, str) else words)
        elif self.is_list:
            value = tuple(self._read_one(word) for word in words)
        else:
            assert isinstance(words, str)  # add_flags asks for one
            value = self._read_one(words)
        self.check(value)
        return value

    def error(self, value: object, expected: str) -> InputError:
        found = list(value) if isinstance(value, tuple) else value
        return InputError(f"{self.place} is {found!r}, expected {expected}")

    def _read_one(self, word: str) -> object:
        try:
            return self.kind(word)
        except ValueError as error:
            raise self.error(word, self.allowed) from error

    def _is_of_kind(self, item: object) -> bool:
        if self.kind is float:
            return isinstance(item, int | float) and not isinstance(item, bool)
        return type(item) is self.kind

    def _is_within(self, item: Any) -> bool:
        return not isinstance(item, int | float) or (
            isfinite(item)
            and (self.minimum is None or item >= self.minimum)
            and (self.above is None or item > self.above)
            and (self.maximum is None or item <= self.maximum)
            and (self.below is None or item < self.below)
            and not (self.even and item % 2)
        )


def setting(default: Any, meaning: str, **limits: Any) -> Any:
    """A dataclass field that is a setting; ``limits`` are fields of :class:`Setting`."""
    return _field(Setting(default, meaning, **limits))


def same_as(owner: type["Settings"], name: str) -> Any:
    """A dataclass field that takes over a setting of another section, where people set it."""
    return _field(settings_of(owner)[name])


def _field(known: Setting) -> Any:
    if isinstance(known.default, dict):
        return field(default_factory=lambda: dict(known.default), metadata={"setting": known})
    return field(default=known.default, metadata={"setting": known})


@dataclass(frozen=True)
class Settings:
    """Base of the dataclasses; ``section`` is where the config has them, such as ``training``.

    Making one with a value that is not allowed raises :class:`InputError` naming the config's
    field. Subclasses check what must agree in their own ``__post_init__``.
    """

    section: ClassVar[str]

    def __init_subclass__(cls, section: str) -> None:
        cls.section = section

    def __post_init__(self) -> None:
        for name, known in settings_of(type(self)).items():
            known.check(getattr(self, name))


S = TypeVar("S", bound=Settings)


def settings_of(settings_class: type[Settings]) -> dict[str, Setting]:
    """Name -> setting, in the order of the class."""
    hints = get_type_hints(settings_class)
    found = {}
    for each in fields(settings_class):
        known = each.metadata.get("setting")
        if known is not None and not known.place:
            place = f"{settings_class.section}.{each.name}".lstrip(".")
            known = replace(known, name=each.name, place=place, **_kind_of(hints[each.name]))
        if known is not None:
            found[each.name] = known
    return found


def _kind_of(hint: Any) -> dict[str, Any]:
    """What an annotation says: ``int``, ``str | None``, ``tuple[int, ...]``."""
    if get_origin(hint) is tuple:
        return {"kind": get_args(hint)[0], "is_list": True}
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]
    return {"kind": kinds[0], "optional": type(None) in get_args(hint)}


def add_flags(
    parser: argparse.ArgumentParser,
    settings_class: type[Settings],
    prefix: str = "",
    only: tuple[str, ...] = (),
) -> None:
    """Add a flag ``--<prefix><name>`` for every setting of the class, or for ``only`` these.

    Parsing raises :class:`InputError` for a value that is not allowed.
    """
    group = parser.add_argument_group(settings_class.section)
    all_known = settings_of(settings_class)
    for name in only or all_known:
        known = all_known[name]
        flag = f"--{prefix}{name.replace('_', '-')}"
        text = f"{known.meaning} ({known.allowed}; default: {in_words(known.default)})"
        options: dict[str, Any] = {"help": text.replace("%", "%%")}
        if known.kind is bool:
            action = group.add_argument(flag, action=argparse.BooleanOptionalAction, **options)
        else:
            several = known.is_list or known.parse is not None
            nargs = ("*" if known.is_list and not known.fewest else "+") if several else None
            metavar = {int: "N", float: "X"}.get(known.kind, "TEXT")
            action = group.add_argument(
                flag, action=_Flag, setting=known, nargs=nargs, metavar=metavar, **options
            )
        parser.set_defaults(**{action.dest: known.default})


def from_flags(settings_class: type[S], args: argparse.Namespace, prefix: str = "") -> S:
    """The settings that a command line with the flags of :func:`add_flags` gives."""
    return settings_class(
        **{
            name: getattr(args, f"{prefix}{name}".replace("-", "_"))
            for name in settings_of(settings_class)
        }
    )


def in_words(value: object) -> str:
    """A value as people write it on a command line or in a table."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return " ".join(f"{name}={item}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return " ".join(map(in_words, value)) or "none"
    return "none" if value is None else str(value)


class _Flag(argparse.Action):
    """Reads and checks a setting's words."""

    def __init__(self, *args: Any, setting: Setting, **options: Any) -> None:
        super().__init__(*args, **options)
        self.setting = setting

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, self.setting.read(values))
