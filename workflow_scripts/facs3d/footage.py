"""What a network must be shown: the description that a weights file carries beside the weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from facs3d.errors import InputError


@dataclass(frozen=True)
class Footage:
    """How the clips came about that a network was trained on.

    ``steps``: how many frames with a face lie from one of a clip's frames to the next, drawn at
    random (Sec. III-A); ``frames_per_second`` of the videos; ``registration``: the settings by
    name, see :class:`facs3d.registration.RegistrationSettings` (empty: not known).
    """

    steps: tuple[int, ...] = (2, 3)
    frames_per_second: float = 25.0
    registration: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.steps or not all(type(step) is int and step >= 1 for step in self.steps):
            raise InputError(f"footage: steps are {self.steps}, expected whole numbers >= 1")
        if not self.frames_per_second > 0:
            raise InputError(
                f"footage: frames_per_second is {self.frames_per_second}, expected more than 0"
            )

    @property
    def spacing(self) -> tuple[float, float]:
        """The least and the most seconds from one of a clip's frames to the next."""
        return min(self.steps) / self.frames_per_second, max(self.steps) / self.frames_per_second

    def check_registration(self, found: Mapping[str, object], place: str) -> None:
        """Raise :class:`InputError` unless faces were registered as the network's were."""
        for name in sorted({*self.registration, *found}):
            expected, other = self.registration.get(name), found.get(name)
            if expected != other:
                raise InputError(
                    f"{place}: registered with {name} {other!r}, the network expects {expected!r}; "
                    f"set registration.{name} to that, or choose another model"
                )
