"""Views and texts of a poll on variants: asking for one, its duration, the ballot, and the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import discord

from bot.content import Result
from bot.errors import Phrase
from bot.locales import localize, translate, translate_plural
from bot.markup import shorten

from .result_views import variants_view
from .views import Item, Layout, note_view

# The characters of a text searched for its first words, and Discord's limits for a poll answer and a row of buttons.
_MAX_SCANNED_CHARACTERS = 400
_MAX_ANSWER_CHARACTERS = 55
_MAX_ROW_BUTTONS = 5
_LABEL = "Let the team choose"
_READERS = "Ask simulated readers"
_ASKED = (
    "I'll post these variants here with numbers, and everyone who can see this channel can vote. Nobody is "
    "pinged. Voting ends after the time you choose here, once half of those people have voted (10 at most), or "
    "when you close it."
)


def ask_row(generation_id: str, locale: str, *, team: bool = True) -> Item:
    """Build the row that lets a team, where there is one, or simulated readers choose among a result's variants."""
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    if team:
        row.add_item(
            discord.ui.Button(label=translate(_LABEL, locale), emoji="🗳️", custom_id=f"quillpoll:ask:{generation_id}")
        )
    row.add_item(
        discord.ui.Button(label=translate(_READERS, locale), emoji="👥", custom_id=f"quillreaders:ask:{generation_id}")
    )
    return row


def hours_view(generation_id: str, offered: Sequence[int], hours: int, locale: str) -> Layout:
    """Ask how many hours a poll should last."""
    view = note_view(translate(_ASKED, locale), locale=locale)
    menu: discord.ui.Select[Any] = discord.ui.Select(custom_id=f"quillpollhours:{generation_id}")
    for one in offered:
        menu.add_option(label=_format_hours(one, locale), value=str(one), default=one == hours)
    start: discord.ui.Button[Any] = discord.ui.Button(
        label=translate("Ask the team", locale),
        style=discord.ButtonStyle.primary,
        custom_id=f"quillpollstart:{hours}:{generation_id}",
    )
    view.add_item(discord.ui.ActionRow(menu))
    view.add_item(discord.ui.ActionRow(start))
    return view


def _format_hours(hours: int, locale: str) -> str:
    days, rest = divmod(hours, 24)
    if days > 1 and not rest:
        return localize(Phrase("{count} days", count=days), locale)
    return translate_plural(hours, "{count} hour", "{count} hours", locale).format(count=hours)


def ballot_view(
    results: Sequence[tuple[str, Result]],
    poll_id: str,
    *,
    counts: Sequence[int] | None,
    quorum: int,
    closes_at: datetime,
    locale: str,
) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
    """Build the ballot: numbered variants, with vote buttons that show the counts; without counts a Discord poll
    follows.
    """
    close: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
        label=translate("Close now", locale), emoji="🏁", custom_id=f"quillpollclose:{poll_id}"
    )
    buttons = [_build_vote_button(poll_id, place, count, locale) for place, count in enumerate(counts or ())]
    rows = [
        discord.ui.ActionRow(*buttons[at : at + _MAX_ROW_BUTTONS]) for at in range(0, len(buttons), _MAX_ROW_BUTTONS)
    ]
    where = "Vote in the poll below." if counts is None else "Vote with a number; press it again to withdraw your vote."
    ends = translate_plural(
        quorum,
        "It closes {when}, or with the first vote.",
        "It closes {when}, or as soon as {count} people have voted.",
        locale,
    ).format(when=discord.utils.format_dt(closes_at, "R"), count=quorum)
    hint = f"{translate(where, locale)} {ends}"
    return variants_view(results, hint=hint, locale=locale, buttons=False, extra=(*rows, discord.ui.ActionRow(close)))


def _build_vote_button(poll_id: str, place: int, count: int, locale: str) -> discord.ui.Button[discord.ui.LayoutView]:
    votes = translate_plural(count, "{count} vote", "{count} votes", locale).format(count=count)
    return discord.ui.Button(
        label=f"{place + 1} · {votes}",
        style=discord.ButtonStyle.primary,
        custom_id=f"quillpollvote:{place}:{poll_id}",
    )


def build_discord_poll(texts: Sequence[str], hours: int, locale: str) -> discord.Poll:
    """Build a native Discord poll on numbered texts, each by its first words."""
    poll = discord.Poll(translate("Which one do you prefer?", locale), timedelta(hours=hours))
    for number, text in enumerate(texts, 1):
        words = " ".join(discord.utils.remove_markdown(text[:_MAX_SCANNED_CHARACTERS]).split())
        poll.add_answer(text=shorten(f"{number}: {words}", _MAX_ANSWER_CHARACTERS))
    return poll


def outcome_line(chosen: int, counts: Sequence[int], tied: Sequence[int], locale: str) -> str:
    """Return the chosen variant and its votes as small print; ties are mentioned."""
    votes = translate_plural(sum(counts), "{count} of {all} vote", "{count} of {all} votes", locale)
    vote_count = votes.format(count=counts[chosen], all=sum(counts))
    line = translate("The team chose number {number}: {votes}.", locale).format(number=chosen + 1, votes=vote_count)
    if tied:
        numbers = ", ".join(str(place + 1) for place in tied)
        tie = translate("Tie between {numbers}: the first one wins.", locale).format(numbers=numbers)
        line = f"{line} {tie}"
    return f"-# 🗳️ {line}"
