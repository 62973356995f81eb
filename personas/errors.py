"""Translatable phrases, and the base class of all errors whose text is meant for users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Phrase:
    """A translatable text with the `values` of its placeholders in braces.

    A value may be a phrase itself; a list is joined with commas. With `several`, the plural form, `text` is the singular form for a
    `count` of one.
    """

    def __init__(self, text: str, several: str = "", /, **values: object) -> None:
        self.text, self.several, self.values = text, several, values

    def __str__(self) -> str:
        """Return the text in English."""
        text = self.several if self.several and self.values["count"] != 1 else self.text
        return (
            text.format(**{name: _format_value(value) for name, value in self.values.items()}) if self.values else text
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a durable job or another process."""
        several = {"several": self.several} if self.several else {}
        return {"text": self.text, **several, "values": {name: _to_plain(value) for name, value in self.values.items()}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Phrase:
        """Build a phrase from the data of `to_json`."""
        values = {name: _from_plain(value) for name, value in data["values"].items()}
        return cls(data["text"], data.get("several", ""), **values)


def _format_value(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _to_plain(value: object) -> object:
    if isinstance(value, list):
        return [_to_plain(element) for element in value]
    return value.to_json() if isinstance(value, Phrase) else value


def _from_plain(value: Any) -> object:
    if isinstance(value, list):
        return [_from_plain(element) for element in value]
    return Phrase.from_json(value) if isinstance(value, dict) else value


class QuillmateError(Exception):
    """An error that the user can act on; `str(error)` says in English what happened and what to do.

    `phrase` has the text and its values, which `bot.locales.localize` renders in the user's language.
    """

    def __init__(self, text: str | Phrase, **values: object) -> None:
        self.phrase = Phrase(text, **values) if isinstance(text, str) else text
        super().__init__(str(self.phrase))
