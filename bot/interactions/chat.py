"""Answers to small talk, which need no model: greetings, thanks, complaints, "what can you do?"."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import discord

from bot.client import Interaction, QuillmateBot
from bot.content import Family, Request
from bot.errors import RefusedError
from bot.generation.next_steps import suggest_kinds
from bot.generation.small_talk import SmallTalk, detect_small_talk
from bot.interactions.components import PersistentItem
from bot.interactions.requests import BriefModal, generate_seed
from bot.interactions.taste import ReasonMenu
from bot.kinds import load_kinds
from bot.replies.ledger import day
from bot.replies.small_talk import answer_view, complaint_view
from personas.profile import Profile
from storage.errors import StorageError
from storage.generations import Generation

# Maximum results that suggestions are based on, and maximum age of the result that a complaint is about.
_MAX_NEWEST_RESULTS, _MAX_COMPLAINT_AGE = 5, timedelta(days=1)


async def find_small_talk(text: str) -> SmallTalk | None:
    """Return the small talk in a message, or None if it is something else."""
    return await asyncio.to_thread(detect_small_talk, text)


async def chat_view(
    bot: QuillmateBot, talk: SmallTalk, request: Request, locale: str, replied_result: Generation | None = None
) -> discord.ui.LayoutView:
    """Build the answer in the language of the message: suggestions for this user and channel, or, for a complaint, the
    reasons that can be chosen.

    `replied_result` is the result that the message replies to, if any.
    """
    user_id = request.user_id
    locale = talk.choose_language(locale)
    profile, newest, family = Profile(), list[Generation](), None
    with contextlib.suppress(StorageError):  # A greeting is answered even if the user's data cannot be loaded.
        profile = await bot.app.profiles.load(user_id)
        newest = await bot.app.results.list_newest(user_id, _MAX_NEWEST_RESULTS)
        defaults = await bot.app.workspaces.load_defaults(request)
        family = (
            load_kinds()[defaults.kind].family
            if defaults.kind in load_kinds()
            else cast(Family, defaults.family) or None
        )
    if talk.topic == "complaint":
        result = replied_result or next(
            (result for result in newest if datetime.now(UTC) - result.created_at <= _MAX_COMPLAINT_AGE), None
        )
        if result is not None and result.kind in load_kinds():
            reasons = ReasonMenu("down", result.id, locale).item
            return complaint_view(result.kind, day(result.created_at), result.id, reasons, locale)
    return answer_view(talk.topic, suggest_kinds(profile, [result.kind for result in newest], family), locale)


class TryButton(PersistentItem[discord.ui.Button[Any]], template=r"quilltry:(?P<kind>[a-z_]{1,40})"):
    """A button that asks for the brief of a kind; every user may press it."""

    def __init__(self, kind: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quilltry:{kind}"))
        self._kind = kind

    async def act(self, interaction: Interaction) -> None:
        """Open the form."""
        kind = load_kinds().get(self._kind)
        if kind is None:
            raise RefusedError("That button no longer works.")
        request = Request(
            id=str(interaction.id),
            user_id=str(interaction.user.id),
            brief="",
            kind=kind.name,
            family=kind.family,
            seed=generate_seed(),
        )
        await interaction.response.send_modal(BriefModal(request, interaction.locale.value))
