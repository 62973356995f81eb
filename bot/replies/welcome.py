"""The three quick questions for a new user: their texts, answers and views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord

from bot.locales import translate

from .views import note_view


@dataclass(frozen=True, slots=True)
class ProfileQuestion:
    """A question about a profile field, and its answers: each button's label and value."""

    field: str
    text: str
    answers: tuple[tuple[str, Any], ...]


QUESTIONS = (
    ProfileQuestion(
        "tone",
        "How should I sound?",
        (("Warm", ["warm"]), ("To the point", ["to the point"]), ("Playful", ["playful"])),
    ),
    ProfileQuestion(
        "preferred_length", "How long should texts be?", (("Short", "short"), ("Medium", "medium"), ("Long", "long"))
    ),
    ProfileQuestion("emoji", "Emoji?", (("None", "none"), ("A few", "few"), ("Many", "many"))),
)


def welcome_section(user_id: str, locale: str, *, hides_replies: bool) -> discord.ui.Section[discord.ui.LayoutView]:
    """Build the offer to answer the questions, below a user's first result, and how to change that where Discord hides replies."""
    texts = [
        *([translate("To change it, press Change… or mention me in a reply.", locale)] if hides_replies else []),
        translate("Answer three quick questions, and the next one will suit you better.", locale),
    ]
    button: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
        label=translate("Ask me", locale), custom_id=question_id(0, user_id)
    )
    return discord.ui.Section("\n".join(f"-# {one}" for one in texts), accessory=button)


def question_id(number: int, user_id: str, answer: int | None = None) -> str:
    """Return the custom id that shows a question, or answers it."""
    return f"quillask:{number}:{'' if answer is None else answer}:{user_id}"


def question_page(number: int, user_id: str, locale: str) -> discord.ui.LayoutView:
    """Build a question with a button for each answer; after the last, a confirmation."""
    if number >= len(QUESTIONS):
        return note_view(translate("Saved. From now on, I'll write with that in mind.", locale))
    question = QUESTIONS[number]
    view = note_view(f"-# {number + 1}/{len(QUESTIONS)}\n{translate(question.text, locale)}")
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for at, (words, _) in enumerate(question.answers):
        row.add_item(discord.ui.Button(label=translate(words, locale), custom_id=question_id(number, user_id, at)))
    row.add_item(
        discord.ui.Button(
            label=translate("Skip", locale), emoji="⏭️", custom_id=question_id(number, user_id, len(question.answers))
        )
    )
    view.add_item(row)
    return view
