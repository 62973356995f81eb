"""Answers at once, without a model, what asks for no text: greetings, thanks, complaints, "what can you do?"."""

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

from ._components import Found
from ._requests import BriefModal, generate_seed
from ._taste import ReasonMenu

# So many of somebody's newest results tell what they use me for, and a complaint is about the newest for so long.
_NEWEST, _RECENT = 5, timedelta(days=1)


async def heard(text: str) -> SmallTalk | None:
    """What a message says where it asks for nothing that is to be written."""
    return await asyncio.to_thread(detect_small_talk, text)


async def chat_view(
    bot: QuillmateBot, talk: SmallTalk, asked: Request, locale: str, about: Generation | None = None
) -> discord.ui.LayoutView:
    """The answer, in the language of what was said: what to try next for this person and place, or what was wrong with their result.

    `about` is the result that was replied to, if any.
    """
    user_id = asked.user_id
    locale = talk.choose_language(locale)
    profile, newest, here = Profile(), list[Generation](), None
    with contextlib.suppress(StorageError):  # Whoever greets is answered without what is known of them.
        profile = await bot.app.profiles.load(user_id)
        newest = await bot.app.results.list_newest(user_id, _NEWEST)
        usual = await bot.app.workspaces.load_defaults(asked)
        here = load_kinds()[usual.kind].family if usual.kind in load_kinds() else cast(Family, usual.family) or None
    if talk.about == "complaint":
        last = about or next((one for one in newest if datetime.now(UTC) - one.created_at <= _RECENT), None)
        if last is not None and last.kind in load_kinds():
            reasons = ReasonMenu("down", last.id, locale).item
            return complaint_view(last.kind, day(last.created_at), last.id, reasons, locale)
    return answer_view(talk.about, suggest_kinds(profile, [one.kind for one in newest], here), locale)


class TryButton(Found[discord.ui.Button[Any]], template=r"quilltry:(?P<kind>[a-z_]{1,40})"):
    """Asks what a text of a kind is to say; works after a restart, and for whoever presses it."""

    def __init__(self, kind: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quilltry:{kind}"))
        self._kind = kind

    async def act(self, interaction: Interaction) -> None:
        """Opens the form."""
        kind = load_kinds().get(self._kind)
        if kind is None:
            raise RefusedError("That button no longer works.")
        request = Request(
            id=str(interaction.id), user_id=str(interaction.user.id), brief="",
            kind=kind.name, family=kind.family, seed=generate_seed(),
        )  # fmt: skip
        await interaction.response.send_modal(BriefModal(request, interaction.locale.value))
