"""How clips came about, which travels with them and with every network that is trained on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from facs3d.core.errors import InputError
from facs3d.core.settings import Settings, same_as
from facs3d.datasets.settings import DatasetSettings
from facs3d.preprocessing.settings import SamplingSettings


@dataclass(frozen=True)
class ExpectedInput(Settings, section="expected_input"):
    """How the clips came about that a network was trained on.

    ``steps`` in frames with a face (Sec. III-A); ``registration``: the settings by name, see
    :class:`facs3d.preprocessing.alignment.RegistrationSettings` (empty: not known).
    """

    steps: tuple[int, ...] = same_as(SamplingSettings, "steps")
    frames_per_second: float = same_as(DatasetSettings, "frames_per_second")
    registration: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> "ExpectedInput":
        """What :meth:`as_plain` gave; :class:`InputError` if it is none."""
        try:
            expected = cls(**{**content, "steps": tuple(content["steps"])})
            dict(expected.registration)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"expected_input is {content!r}: {error}") from error
        return expected

    def as_plain(self) -> dict[str, Any]:
        """The fields as files have them: lists, dicts, numbers and texts."""
        return {
            "steps": list(self.steps),
            "frames_per_second": self.frames_per_second,
            "registration": dict(self.registration),
        }

    @property
    def spacing(self) -> tuple[float, float]:
        """The least and the most seconds from one of a clip's frames to the next."""
        return min(self.steps) / self.frames_per_second, max(self.steps) / self.frames_per_second

    @property
    def known_registration(self) -> dict[str, Any]:
        """The settings of registration by name; :class:`InputError` if they are not known."""
        if not self.registration:
            raise InputError(
                "the network does not say how its faces were registered; train it anew"
            )
        return dict(self.registration)

    def check_registration(self, found: Mapping[str, object], place: str) -> None:
        """Raise :class:`InputError` unless faces were registered as the network's were."""
        known = self.known_registration
        for name in sorted({*known, *found}):
            expected, other = known.get(name), found.get(name)
            if expected != other:
                raise InputError(
                    f"{place}: registered with {name} {other!r}, the network expects {expected!r}; "
                    f"set registration.{name} to that, or choose another model"
                )
