"""The properties of an office file, which file managers and reviewers show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def set_core_properties(properties: Any, title: str) -> None:
    """Set title and time, and remove the names and the dates of the library's template."""
    properties.title = title
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = datetime.now(UTC)
