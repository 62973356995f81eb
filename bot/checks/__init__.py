"""Measures texts: units, limits, readability, language, words. Pure functions and data; nothing here calls a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

# Who wants it so: the brief, the profile, the place that it is for, the form of its kind, or the house for every text.
AskedBy = Literal["brief", "profile", "server", "brand", "place", "kind", "house"]
# What a check looks at: how long a text is, how many entries a list has, what must not stand there, what must. A check kept by an
# earlier version may have words alone; empty for anything else.
Sort = Literal["", "size", "number", "found", "missing", "words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check said about one result, as data; bot/generation/findings.py puts it into words.

    `value` is a number of a `unit`, from `low` to `high` where it passes (None where that is open); or what was found, such as
    words that must not stand there; or, of a check of what is `missing`, what is. `wanted` is what was to be there in its place,
    or where it could have come from. `of` names the part that is measured; `within` the piece of a larger text that it is in.
    `path` leads to the field of the draft that the check looked at, empty for the whole. What is not
    `revisable` no rewriting helps. A `hint` says for models what they cannot tell from the figures.
    """

    id: str
    passed: bool
    value: float | tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    unit: str = ""
    sort: Sort = ""
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
        """What tells it from the other checks of a result: its id, after the piece that it is in."""
        return f"{self.within}: {self.id}" if self.within else self.id

    @property
    def measured(self) -> str:
        """What was measured, as the command line promises it."""
        if not isinstance(self.value, tuple):
            return figure(self.value)
        if self.sort == "missing" and self.low is not None:
            return figure(self.low - len(self.value))
        return ", ".join(self.value) or "none"

    @property
    def limit(self) -> str:
        """What was allowed, as the command line promises it: in words of its unit, such as "280 characters"."""
        if self.low is None and self.high is None:
            return _either(self.wanted)
        if self.sort == "found" and not self.high:
            return _either(self.wanted)
        if self.low == self.high or not self.low:
            bounds = figure(self.high or 0)
        elif self.high is None:
            bounds = f"{figure(self.low)} or more"
        else:
            bounds = f"{figure(self.low)} to {figure(self.high)}"
        return f"{bounds} {self.unit}".strip()

    def to_json(self) -> dict[str, Any]:
        """Plain data, to be kept and for the command line, which promises the name, whether it passed, measured and limit."""
        data = asdict(self)
        del data["hint"], data["revisable"]  # They are for whoever writes it anew.
        return {"name": self.name, "measured": self.measured, "limit": self.limit, **data}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Check:
        """The check that `to_json` gave; of one that an earlier version kept its words."""
        if "id" not in data:
            measured, wanted = (str(data["measured"]),), (str(data["limit"]),)
            path, passed = str(data.get("path", "")), bool(data["passed"])
            return cls(id=str(data["name"]), passed=passed, value=measured, wanted=wanted, sort="words", path=path)
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in data.items()
            if name in cls.__dataclass_fields__
        }
        return cls(**known)


def _either(wanted: tuple[str, ...]) -> str:
    """What was wanted, as a choice: "brief, profile or documents"."""
    return " or ".join(filter(None, (", ".join(wanted[:-1]), *wanted[-1:]))) or "none"


def figure(value: float) -> str:
    """A number as English writes it, with a digit behind the point where it is no whole one."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def bounded(
    name: str, value: float, low: float | None = None, high: float | None = None, unit: str = "", **more: Any
) -> Check:
    """A check of a number, which passes from `low` to `high`."""
    passed = (low is None or value >= low) and (high is None or value <= high)
    return Check(id=name, passed=passed, value=value, low=low, high=high, unit=unit, **more)


def free_of(name: str, found: Iterable[str], **more: Any) -> Check:
    """A check of what must not occur, with what of it was found."""
    value = tuple(found)
    return Check(id=name, passed=not value, value=value, high=0, sort="found", **more)


def holding(name: str, missing: Iterable[str], total: int, unit: str = "", **more: Any) -> Check:
    """A check of what must occur, so many in all, with what of it is missing."""
    value = tuple(missing)
    return Check(id=name, passed=not value, value=value, low=total, high=total, unit=unit, sort="missing", **more)
