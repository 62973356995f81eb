"""Measure texts: their units, limits, readability, language and words. Nothing here calls a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

# The source of a requirement; "server" is the guild, "place" the platform that a text is for, "house" Quillmate's own rules.
AskedBy = Literal["brief", "profile", "server", "brand", "place", "kind", "house"]
# What a check measures: a length, a number of entries, forbidden things found, required things missing; "words" if an earlier
# release stored it as text only, "" for anything else.
CheckSort = Literal["", "size", "number", "found", "missing", "words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The outcome of one check of one result, as data; bot/generation/findings.py describes it in words.

    `value` is a number of a `unit` with the bounds `low` and `high` (None if open); or the forbidden things found, such
    as words to avoid; or, with sort "missing", the missing things. `wanted` is what was expected instead, or where it
    could have come from. `of` names the measured part; `within` the piece of a larger text that contains it. `path` is
    the field of the draft that was measured, empty for the full text. A check that is not `revisable` cannot be met by
    rewriting the text. `hint` tells models what they cannot infer from the figures.
    """

    id: str
    passed: bool
    value: float | tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    unit: str = ""
    sort: CheckSort = ""
    path: str = ""
    asked_by: AskedBy = "kind"
    hint: str = ""
    of: str = ""
    wanted: tuple[str, ...] = ()
    place: str = ""
    within: str = ""
    revisable: bool = True

    @property
    def name(self) -> str:
        """The unique name among the checks of a result: its id, prefixed by the piece it belongs to."""
        return f"{self.within}: {self.id}" if self.within else self.id

    @property
    def requirement(self) -> str:
        """A key that is the same for every text with this requirement: its source and name, with the bounds or the words at issue."""
        if isinstance(self.value, tuple) and not self.of:
            return f"{self.asked_by} {self.name}: {', '.join(self.value)}"
        return f"{self.asked_by} {self.name}: {self.low}, {self.high}"

    @property
    def measured(self) -> str:
        """The measurement as text, part of the command line's stable output."""
        if not isinstance(self.value, tuple):
            return format_number(self.value)
        if self.sort == "missing" and self.low is not None:
            return format_number(self.low - len(self.value))
        return ", ".join(self.value) or "none"

    @property
    def limit(self) -> str:
        """The bounds as text with their unit, such as "280 characters", part of the command line's stable output."""
        if self.low is None and self.high is None:
            return _format_choice(self.wanted)
        if self.sort == "found" and not self.high:
            return _format_choice(self.wanted)
        if self.low == self.high or not self.low:
            bounds = format_number(self.high or 0)
        elif self.high is None:
            bounds = f"{format_number(self.low)} or more"
        else:
            bounds = f"{format_number(self.low)} to {format_number(self.high)}"
        return f"{bounds} {self.unit}".strip()

    def to_json(self) -> dict[str, Any]:
        """Return plain data for storage and for the command line, whose stable keys are name, passed, measured and limit."""
        data = asdict(self)
        del data["hint"], data["revisable"]  # They only matter for a revision.
        return {"name": self.name, "measured": self.measured, "limit": self.limit, **data}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Check:
        """Parse the result of `to_json`; a check stored by an earlier release has only words."""
        if "id" not in data:
            measured, wanted = (str(data["measured"]),), (str(data["limit"]),)
            path, passed = str(data.get("path", "")), bool(data["passed"])
            return cls(id=str(data["name"]), passed=passed, value=measured, wanted=wanted, sort="words", path=path)
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in data.items()
            if name in cls.__dataclass_fields__
        }
        return cls(**fields)


def _format_choice(options: tuple[str, ...]) -> str:
    """Format alternatives: "brief, profile or documents"."""
    return " or ".join(filter(None, (", ".join(options[:-1]), *options[-1:]))) or "none"


def format_number(value: float) -> str:
    """Format a number in English, with one decimal if it is not whole."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def build_range_check(
    name: str, value: float, low: float | None = None, high: float | None = None, unit: str = "", **more: Any
) -> Check:
    """Build a check of a number, which passes from `low` to `high` inclusive."""
    passed = (low is None or value >= low) and (high is None or value <= high)
    return Check(id=name, passed=passed, value=value, low=low, high=high, unit=unit, **more)


def build_absence_check(name: str, occurrences: Iterable[str], **more: Any) -> Check:
    """Build a check of what must not occur; it passes without `occurrences`."""
    value = tuple(occurrences)
    return Check(id=name, passed=not value, value=value, high=0, sort="found", **more)


def build_presence_check(name: str, missing: Iterable[str], total: int, unit: str = "", **more: Any) -> Check:
    """Build a check of what must occur: `total` things, of which some are `missing`."""
    value = tuple(missing)
    return Check(id=name, passed=not value, value=value, low=total, high=total, unit=unit, sort="missing", **more)
