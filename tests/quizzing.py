"""Helpers for tests of quizzes: a quiz, simulated time, a restart, and games as users see and play them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from discord_texts import BUTTON, find_button_id, get_answer, get_components, read_message, walk_components

from bot.app import App
from bot.client import QuillmateBot
from storage.generations import Generation

ITEMS: list[dict[str, Any]] = [
    {
        "question": "Which of these does a magnet pull?",
        "options": ["a spoon of wood", "an iron nail", "a paper bag"],
        "correct": [1],
        "feedback": "Magnets pull iron.",
        "objective": "what magnets pull",
    },
    {
        "question": "Two north poles pull each other.",
        "options": ["True", "False"],
        "correct": [1],
        "type": "true_false",
        "feedback": "Poles of the same kind push each other away.",
        "objective": "poles",
    },
    {
        "question": "Which are even?",
        "options": ["2", "3", "4"],
        "correct": [0, 2],
        "type": "multiple",
        "feedback": "2 and 4 can be halved.",
        "objective": "even numbers",
    },
    {
        "question": "What is the capital of France?",
        "options": ["Paris"],
        "correct": [0],
        "type": "short_answer",
        "feedback": "It has been so since 987.",
        "objective": "capitals",
    },
    {
        "question": "How much is half of 7?",
        "options": ["3.5"],
        "correct": [0],
        "type": "numeric",
        "feedback": "7 : 2 = 3.5.",
        "objective": "halves",
    },
]


async def give_quiz(
    world: Any, who: Any = None, items: Any = None, title: str = "Magnets and more", channel: Any = None
) -> Generation:
    """Store a quiz of a user."""
    made = Generation(
        id=f"quiz-{len(title)}-{(who or world.ada).name}",
        user_id=str((who or world.ada).id),
        kind="quiz",
        request={"brief": "magnets"},
        text=f"## {title}",
        parts={"title": title, "items": items or ITEMS},
        checks=[],
        persona="Host",
        engine="scripted",
        seed=1,
        seconds=0.5,
        guild_id=str(world.guild.id),
        channel_id=str((channel or world.channel).id),
    )
    await world.app.store.generations.add(made)
    return made


def use_simulated_time(world: Any, app: App, later: float = 0.0) -> None:
    """Let quizzes use simcord's clock, optionally with an offset in seconds."""
    for one in (app.live_quizzes, app.self_paced_quizzes, app.tutoring):
        object.__setattr__(one, "clock", lambda: world.env.now() + timedelta(seconds=later))
    app.pacer._clock = lambda: world.env.now().timestamp()


@asynccontextmanager
async def restart_process(world: Any, settings: Any, script: Any, after: float = 0.0) -> AsyncIterator[None]:
    """End the process, and open the same folder with another one, some seconds later."""
    router = world.app.routing._router
    await world.bot.close()
    await world.app.__aexit__(None, None, None)
    world.env.backend.clock.advance(after)
    async with App(settings, engines=[script.engine()]) as app:
        app.routing._router = router
        use_simulated_time(world, app)
        world.bot = QuillmateBot(app, shard_count=1)
        await world.env.restart_bot(world.bot)
        await world.env.settle()
        yield


def refetch_message(world: Any, message: Any) -> Any:
    """Return a message in its current state."""
    return next(one for one in world.channel.history() if one.id == message.id)


def list_button_labels(shown: Any) -> list[str]:
    """List the labels of a message's buttons."""
    return [
        part["label"]
        for part in walk_components(get_components(shown))
        if part.get("type") == BUTTON and part.get("label")
    ]


async def press_button(world: Any, who: Any, message: Any, label: str) -> str:
    """Press the button with a label prefix; return the private answer."""
    now = refetch_message(world, message)
    return read_private_answer(await who.click(now, custom_id=find_button_id(now, label)))


def read_private_answer(result: Any) -> str:
    """Read a private answer; "" if there is none."""
    shown = get_answer(result) if result.response or result.followups else None
    return read_message(shown) if shown is not None and getattr(shown, "ephemeral", False) else ""
