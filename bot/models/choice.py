"""A model chosen for writing, as stored in the folder of models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model behind a service or a server.

    `engine` is "provider:model" as QUILLMATE_ENGINE takes it, `url` the address of its server, empty if LangChain knows it. Its
    key is `key`, or the value of the environment variable `key_name`, which is not stored.
    """

    engine: str
    url: str = ""
    key: str = ""
    key_name: str = ""

    def __repr__(self) -> str:
        """Return it without the key, as it may be logged."""
        return f"Choice({self.engine!r}, {self.url!r}, key_name={self.key_name!r})"

    @property
    def model(self) -> str:
        """The name of the model at its server."""
        return self.engine.partition(":")[2]

    def secret(self, environment: Mapping[str, str]) -> str:
        """Return the key; empty if it needs none or the variable is no longer set."""
        return self.key or environment.get(self.key_name, "")

    def to_json(self) -> str:
        """Return it as written to a file."""
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """Parse the output of `to_json`; return None for anything else."""
        try:
            values = json.loads(text)
            return cls(**{str(name): str(value) for name, value in values.items()}) if values.get("engine") else None
        except (ValueError, TypeError, AttributeError):
            return None
