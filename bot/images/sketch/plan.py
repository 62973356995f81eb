"""What a sketch shows: its subject, other things, and where each stands. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Across = Literal["", "left", "centre", "right"]
Depth = Literal["", "foreground", "middle", "background"]
Up = Literal["", "top", "bottom"]
Shot = Literal["close", "medium", "wide"]
Angle = Literal["", "low", "high", "above"]
Ground = Literal["none", "line", "room"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is, as far as it is told. `over` and `under`: it bears the subject, or stands above it."""

    across: Across = ""
    depth: Depth = ""
    up: Up = ""
    by: Literal["", "over", "under", "beside"] = ""

    @property
    def told(self) -> bool:
        """Whether anything is."""
        return any((self.across, self.depth, self.up, self.by))

    def joined(self, other: Place) -> Place:
        """This one, and from the other what this one does not tell."""
        return Place(self.across or other.across, self.depth or other.depth, self.up or other.up, self.by or other.by)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is seen, as the prompt calls it."""

    name: str
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sketch shows. `text` are words to be read in the picture, at `text_place`; `free` is a part that stays empty."""

    ratio: tuple[int, int]
    subject: Thing
    things: tuple[Thing, ...] = ()
    setting: str = ""
    ground: Ground = "none"
    shot: Shot = "medium"
    angle: Angle = ""
    light: str = ""
    light_from: str = ""
    style: str = ""
    palette: tuple[str, ...] = ()
    text: str = ""
    text_place: Place = Place()
    free: Place | None = None
    keep_out: tuple[str, ...] = ()
