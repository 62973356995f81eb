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
from bot.kinds import load_kinds
from bot.replies.ledger import day
from bot.replies.small_talk import answer_view, complaint_view
from personas.profile import Profile
from storage.errors import StorageError
from storage.generations import Generation

from ._components import PersistentItem
from ._requests import BriefModal, generate_seed
from ._taste import ReasonMenu

# Newest results that show what a user writes, and the age up to which a complaint is about the newest one.
_MAX_NEWEST_RESULTS, _MAX_COMPLAINT_AGE = 5, timedelta(days=1)


async def find_small_talk(text: str) -> SmallTalk | None:
    """Return what kind of small talk a message is, None if it is none."""
    return await asyncio.to_thread(detect_small_talk, text)


async def chat_view(
    bot: QuillmateBot, talk: SmallTalk, request: Request, locale: str, about: Generation | None = None
) -> discord.ui.LayoutView:
    """Build the answer in the language of the message: what this user could try next here, or what was wrong with
    their result.

    `about` is the result that was replied to, if any.
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
        last = about or next((one for one in newest if datetime.now(UTC) - one.created_at <= _MAX_COMPLAINT_AGE), None)
        if last is not None and last.kind in load_kinds():
            reasons = ReasonMenu("down", last.id, locale).item
            return complaint_view(last.kind, day(last.created_at), last.id, reasons, locale)
    return answer_view(talk.topic, suggest_kinds(profile, [one.kind for one in newest], family), locale)


class TryButton(PersistentItem[discord.ui.Button[Any]], template=r"quilltry:(?P<kind>[a-z_]{1,40})"):
    """A button that asks for the brief of a kind; works after a restart, and for every user."""

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
