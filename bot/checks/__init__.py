"""Measures texts: units, limits, readability, language, words. Pure functions and data; nothing here calls a model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """What one check said about one result.

    `path` names the field of the draft that the check looked at, so that repair can rewrite just it; empty for the whole.
    `limit` is what was allowed, in words of its unit, such as "280 characters".
    """

    name: str
    passed: bool
    measured: str
    limit: str
    path: str = ""
    hint: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form that the command line promises."""
        whole = asdict(self)
        return {key: whole[key] for key in ("name", "passed", "measured", "limit")}
