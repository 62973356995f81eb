"""Keys of the page's controls that change with their custom ids.

simcord's page knows a control by its place in a message, so a menu that takes another's place would show the other's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from simcord.preview import _action_plans, _component_projection

# Builds the key of a component from its context and the component, in an order of its own.
_BuildKey = Callable[..., str | None]
_build_projected_key: _BuildKey = _component_projection._control_key
_build_pressed_key: _BuildKey = _action_plans._component_key


def key_by_custom_id() -> None:
    """Make simcord's pages tell controls apart by their custom ids, too."""
    vars(_component_projection)["_control_key"] = _key_projected
    vars(_action_plans)["_component_key"] = _key_pressed


def _key_projected(scope: str, component: Mapping[str, Any], path: str) -> str | None:
    key = _build_projected_key(scope, component, path)
    return _append_custom_id(key, component) if scope.startswith("message:") else key


def _key_pressed(component: Mapping[str, Any], path: str, message_id: int) -> str | None:
    return _append_custom_id(_build_pressed_key(component, path, message_id), component)


def _append_custom_id(key: str | None, component: Mapping[str, Any]) -> str | None:
    custom_id = component.get("custom_id")
    return f"{key}:{crc32(str(custom_id).encode())}" if key and custom_id else key
