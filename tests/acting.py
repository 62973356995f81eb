"""How people act in tests beyond what simcord has a verb for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import simcord
from discord_texts import buttons, read, told


async def at_once(env: simcord.Env, *actions: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Acts several times before the bot has done anything about the first; waits for the bot at the end."""
    settle = env._settle_internal
    env._settle_internal = _not_now  # type: ignore[method-assign]
    try:
        results = [await action() for action in actions]
    finally:
        env._settle_internal = settle  # type: ignore[method-assign]
    await env.settle()
    return results


async def _not_now(**_options: Any) -> None:
    """In place of waiting for the bot."""


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Waits in real time until something holds."""
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")


async def tap(person: Any, shown: Any, label: str) -> Any:
    """Presses a button of a result; one that stands behind "More…" is looked for there."""
    shown = await opened(person, shown, label)
    return await person.click(shown, label=label)


async def opened(person: Any, shown: Any, label: str = "") -> Any:
    """Where a button of a result stands: the result itself, or what its "More…" shows."""
    more = next((one for one in buttons(shown).values() if one.startswith("quill:more:")), None)
    return shown if label in buttons(shown) or more is None else (await person.click(shown, custom_id=more)).response


async def why(person: Any, shown: Any, label: str = "Why?") -> str:
    """What somebody is told of why a result of theirs is as it is."""
    return read(told(await tap(person, shown, label)))


def without_limits(shown: Any) -> Any:
    """The same modal, as a client sees it that does not keep to the lengths that the fields allow."""
    pending = [shown._interaction.modal]
    while pending:
        part = pending.pop()
        part.pop("max_length", None)
        pending += part.get("components", []) + ([part["component"]] if "component" in part else [])
    return shown


async def in_language(world: Any, language: str, act: Callable[..., Awaitable[Any]], *args: Any, **options: Any) -> Any:
    """Acts as somebody whose Discord speaks a language."""
    emit = world.env.backend.emit

    def translated(event: str, payload: Any, *more: Any, **named: Any) -> Any:
        if event == "INTERACTION_CREATE":
            payload["locale"] = language
        return emit(event, payload, *more, **named)

    world.env.backend.emit = translated
    try:
        return await act(*args, **options)
    finally:
        world.env.backend.emit = emit
