"""User actions beyond those of simcord."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import simcord
from discord_texts import find_buttons, get_answer, read_message


async def act_at_once(env: simcord.Env, *actions: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Perform several actions before the bot reacts to the first; wait for the bot at the end."""
    settle = env._settle_internal
    env._settle_internal = _skip_settling  # type: ignore[method-assign]
    try:
        results = [await action() for action in actions]
    finally:
        env._settle_internal = settle  # type: ignore[method-assign]
    await env.settle()
    return results


async def _skip_settling(**_options: Any) -> None:
    """Do nothing instead of waiting for the bot."""


async def wait_until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait in real time until a condition holds."""
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")


async def tap(person: Any, shown: Any, label: str) -> Any:
    """Press a button of a result, also one behind "More…"."""
    shown = await open_more(person, shown, label)
    return await person.click(shown, label=label)


async def open_more(person: Any, shown: Any, label: str = "") -> Any:
    """Return the message with a button of a result: the result itself, or the one that "More…" opens."""
    more = next((one for one in find_buttons(shown).values() if one.startswith("quill:more:")), None)
    return (
        shown if label in find_buttons(shown) or more is None else (await person.click(shown, custom_id=more)).response
    )


async def read_reasons(person: Any, shown: Any, label: str = "Why?") -> str:
    """Read the explanation of a result."""
    return read_message(get_answer(await tap(person, shown, label)))


def remove_limits(shown: Any) -> Any:
    """Return the same modal without the length limits that a client enforces."""
    pending = [shown._interaction.modal]
    while pending:
        part = pending.pop()
        part.pop("max_length", None)
        pending += part.get("components", []) + ([part["component"]] if "component" in part else [])
    return shown


async def act_in_language(
    world: Any, language: str, act: Callable[..., Awaitable[Any]], *args: Any, **options: Any
) -> Any:
    """Perform an action as a user with this Discord language."""
    emit = world.env.backend.emit

    def emit_in_language(event: str, payload: Any, *more: Any, **named: Any) -> Any:
        if event == "INTERACTION_CREATE":
            payload["locale"] = language
        return emit(event, payload, *more, **named)

    world.env.backend.emit = emit_in_language
    try:
        return await act(*args, **options)
    finally:
        world.env.backend.emit = emit
