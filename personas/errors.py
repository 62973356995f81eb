"""The root of every error whose text is meant for the person who reads it.

    QuillmateError
    ├── personas.profile.ProfileError          a profile that cannot be used
    ├── personas.persona.UnknownPersonaError   no persona has that name
    ├── storage.errors.StorageError            the database cannot be used
    └── bot.errors                             what people ask, engines, settings

Anything else that is raised is a fault of ours: its traceback goes to the log and its reader gets a reference id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Phrase:
    """Words of ours beside the `values` that they name in braces, so that they can be said in another language.

    A value may be a phrase itself; those of a list stand with commas between. With `several`, `text` is for a `count` of
    one, and `several` for any other.
    """

    def __init__(self, text: str, several: str = "", /, **values: object) -> None:
        self.text, self.several, self.values = text, several, values

    def __str__(self) -> str:
        """The sentence in English."""
        text = self.several if self.several and self.values["count"] != 1 else self.text
        return text.format(**{name: _shown(value) for name, value in self.values.items()}) if self.values else text

    def to_json(self) -> dict[str, Any]:
        """Plain data for a durable job or another process."""
        several = {"several": self.several} if self.several else {}
        return {"text": self.text, **several, "values": {name: _plain(value) for name, value in self.values.items()}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Phrase:
        """The phrase that `to_json` gave."""
        values = {name: _read(value) for name, value in data["values"].items()}
        return cls(data["text"], data.get("several", ""), **values)


def _shown(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.to_json() if isinstance(value, Phrase) else value


def _read(value: Any) -> object:
    if isinstance(value, list):
        return [_read(one) for one in value]
    return Phrase.from_json(value) if isinstance(value, dict) else value


class QuillmateError(Exception):
    """Something the reader can act on; `str(error)` is a sentence: what happened, and what to do.

    `phrase` is the same with its values apart, which `bot.locales.localize` renders in the reader's language.
    """

    def __init__(self, text: str | Phrase, **values: object) -> None:
        self.phrase = Phrase(text, **values) if isinstance(text, str) else text
        super().__init__(str(self.phrase))
