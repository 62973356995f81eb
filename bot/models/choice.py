"""A model that somebody chose to write with, as it is kept in the folder of models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model behind a service or a server.

    `engine` is "provider:model" as QUILLMATE_ENGINE takes it, `url` the address of its server, empty where LangChain knows it. Its
    key is `key`, or what the environment variable `key_name` holds, which is not written down.
    """

    engine: str
    url: str = ""
    key: str = ""
    key_name: str = ""

    def __repr__(self) -> str:
        """Without the key, as it may be logged."""
        return f"Choice({self.engine!r}, {self.url!r}, key_name={self.key_name!r})"

    @property
    def model(self) -> str:
        """The name of the model at its server."""
        return self.engine.partition(":")[2]

    def secret(self, environment: Mapping[str, str]) -> str:
        """The key, empty where it needs none or the variable is not set any more."""
        return self.key or environment.get(self.key_name, "")

    def to_json(self) -> str:
        """As it is written to a file."""
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """What `packed` gave; None for anything else."""
        try:
            values = json.loads(text)
            return cls(**{str(name): str(value) for name, value in values.items()}) if values.get("engine") else None
        except (ValueError, TypeError, AttributeError):
            return None
