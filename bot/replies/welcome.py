"""The three quick questions for somebody new: what is asked, what can be answered, and how they look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord

from bot.locales import translate

from .views import note_view


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a field of the profile, and its answers: the words of each button and the value it stands for."""

    field: str
    text: str
    answers: tuple[tuple[str, Any], ...]


QUESTIONS = (
    Question("tone", "How should I sound?", (("Warm", ["warm"]), ("To the point", ["to the point"]), ("Playful", ["playful"]))),
    Question("preferred_length", "How long should texts be?", (("Short", "short"), ("Medium", "medium"), ("Long", "long"))),
    Question("emoji", "Emoji?", (("None", "none"), ("A few", "few"), ("Many", "many"))),
)  # fmt: skip


def welcome(user_id: str, locale: str) -> discord.ui.Section[discord.ui.LayoutView]:
    """The offer to ask, below somebody's first result."""
    text = translate("Answer three quick questions, and the next one will suit you better.", locale)
    button: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
        label=translate("Ask me", locale), custom_id=question_id(0, user_id)
    )
    return discord.ui.Section(discord.ui.TextDisplay(f"-# {text}"), accessory=button)


def question_id(number: int, user_id: str, answer: int | None = None) -> str:
    """The custom id that shows a question, or answers it."""
    return f"quillask:{number}:{'' if answer is None else answer}:{user_id}"


def question_page(number: int, user_id: str, locale: str) -> discord.ui.LayoutView:
    """A question with a button an answer; after the last a word of thanks."""
    if number >= len(QUESTIONS):
        return note_view(translate("Saved. From now on I write with that in mind.", locale))
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
