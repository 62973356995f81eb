"""Actions on a result that the bot learns preferences from: votes with reasons, chosen variants and edits; and undoing
what was learnt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import discord

from bot.checks import Check
from bot.client import Interaction, QuillmateBot, whisper
from bot.content import Content, Request, Result
from bot.errors import RefusedError
from bot.generation.faults import FAULTS
from bot.generation.recall import parse_own_text
from bot.generation.tastes import REASONS
from bot.interactions.components import Form, PersistentItem
from bot.interactions.results import load_own_result
from bot.locales import translate
from bot.people.taste import LearningOutcome
from bot.replies.address import find_locale
from bot.replies.ledger import build_learnt_items, build_learnt_note, format_value, label, plain
from bot.replies.reasons import format_reasons
from bot.replies.result_views import result_view
from bot.replies.source_lines import facts_line, sources_line
from bot.replies.views import Item, button_id, note_view
from bot.requests.intake import clean_text
from personas.learning import LearningStatus
from personas.ledger import Entry
from personas.profile import Profile
from storage.generations import Generation

_WORD_REASON = "word"
_STATUS_SENTENCES: dict[LearningStatus, str] = {
    "known": "Noted. I already write that way for you.",
    "once": "Noted. I'll adjust once I hear this about two results.",
    "": "Noted for this result.",
}
_SILENT = discord.AllowedMentions.none()
_MAX_REASONS = 3


class ReasonMenu(
    PersistentItem[discord.ui.Select[Any]], template=r"quillwhy:(?P<vote>up|down):(?P<generation_id>[\w-]{1,40})"
):
    """The menu of reasons for a vote."""

    def __init__(self, vote: str, generation_id: str, locale: str = "en") -> None:
        question = "What was good?" if vote == "up" else "What was wrong?"
        options = [(name, label) for name, (label, _) in REASONS[vote].items()]
        options += [(_WORD_REASON, "Word choice…")] if vote == "down" else []
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=f"quillwhy:{vote}:{generation_id}",
            placeholder=translate(question, locale),
            max_values=min(_MAX_REASONS, len(options)),
            options=[discord.SelectOption(label=translate(label, locale), value=name) for name, label in options],
        )
        super().__init__(menu)
        self._vote, self._result_id = vote, generation_id

    async def act(self, interaction: Interaction) -> None:
        """Learn from the reasons; for a complaint, they also count as a vote."""
        result = await load_own_result(interaction, self._result_id)
        reasons, locale = self.item.values, interaction.locale.value
        taste, channel_id = interaction.client.app.taste, str(interaction.channel_id or "")
        outcome = await taste.explain(result, self._vote, reasons, channel_id)
        if _WORD_REASON in reasons:
            await interaction.response.send_modal(WordModal(result, locale))
            return
        await interaction.response.edit_message(view=thanks_view(outcome, result, locale, reasons))


class WordModal(Form):
    """Ask for a disliked word; the answer also shows what was learnt from the other reasons."""

    def __init__(self, result: Generation, locale: str) -> None:
        super().__init__(title=translate("Which word?", locale))
        self._result = result
        self.word: discord.ui.TextInput[WordModal] = discord.ui.TextInput(max_length=60)
        self.add_item(discord.ui.Label(text=translate("A word or phrase to avoid", locale), component=self.word))

    async def act(self, interaction: Interaction) -> None:
        """Learn to avoid the word."""
        word = clean_text(self.word.value)
        if not word:
            raise RefusedError("Type the word I should avoid.")
        outcome = await interaction.client.app.taste.avoid(self._result, word)
        view = thanks_view(outcome, self._result, interaction.locale.value)
        await interaction.response.send_message(view=view, ephemeral=True)


async def record_vote(interaction: Interaction, result: Generation, value: int) -> None:
    """Store a vote, or withdraw it if it is repeated; ask the owner of the result for reasons."""
    locale = interaction.locale.value
    taste, channel_id = interaction.client.app.taste, str(interaction.channel_id or "")
    outcome = await taste.vote(result, str(interaction.user.id), value, channel_id)
    if not outcome.vote:
        await whisper(interaction, note_view(_format_withdrawn_vote(outcome.retracted, locale), locale=locale))
        return
    message = (
        "Thanks! Good to know."
        if value > 0
        else "Thanks for telling me. Press Change… to say what should be different."
    )
    view = note_view(
        "\n".join([translate(message, locale), *_format_ended_entries(outcome.retracted, locale)]), locale=locale
    )
    for item in build_learnt_items(outcome.learnt, locale):
        view.add_item(item)
    if outcome.can_explain:
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        row.add_item(ReasonMenu("up" if value > 0 else "down", result.id, locale))
        view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


def _format_withdrawn_vote(ended_entries: Sequence[Entry], locale: str) -> str:
    return "\n".join([translate("Vote removed.", locale), *_format_ended_entries(ended_entries, locale)])


def _format_ended_entries(entries: Sequence[Entry], locale: str) -> list[str]:
    return [f"-# {translate('No longer applies', locale)}: {_format_entry(entry, locale)}" for entry in entries]


def _format_entry(entry: Entry, locale: str) -> str:
    return f"{label(entry.field, locale)} → {plain(format_value(entry.value, entry.field, locale))}"


def thanks_view(
    outcome: LearningOutcome, result: Generation, locale: str, reasons: Sequence[str] = ()
) -> discord.ui.LayoutView:
    """Build the answer to reasons: the learnt entries with Undo buttons, or the outcome's status.

    If the reasons name faults, a button below rewrites the text without them.
    """
    view = _build_thanks_view(outcome, locale)
    if faults := [name for name in FAULTS if name in reasons]:
        button: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
            label=translate("Rewrite it without that", locale),
            emoji="🔁",
            custom_id=button_id("redo-" + "-".join(faults), result.id),
        )
        view.add_item(discord.ui.ActionRow(button))
    return view


def _build_thanks_view(outcome: LearningOutcome, locale: str) -> discord.ui.LayoutView:
    if outcome.paused:
        return note_view(translate("Noted for this result. Learning is paused.", locale))
    message = "Thanks! Good to know." if outcome.learnt else _STATUS_SENTENCES[outcome.status]
    view = note_view(translate(message, locale))
    for item in build_learnt_items(outcome.learnt, locale):
        view.add_item(item)
    return view


async def undo_entry(interaction: Interaction, entry_id: str) -> None:
    """Undo an entry of the user.

    Raises:
        RefusedError: the entry no longer applies, or is another user's.
    """
    locale = interaction.locale.value
    entry = await interaction.client.app.learning.undo(str(interaction.user.id), entry_id)
    if entry is None:
        raise RefusedError("That has already been undone, or it is not yours.")
    await whisper(interaction, f"{translate('Undone', locale)}: {_format_entry(entry, locale)}")


async def show_learnt_entries(interaction: Interaction, result: Generation) -> None:
    """Show the owner the entries learnt from their actions on a result, with Undo buttons, in an ephemeral message.

    Raises:
        RefusedError: the result is another user's.
    """
    if result.user_id != str(interaction.user.id):
        raise RefusedError("Only the person it is about can see what I learnt.")
    locale = interaction.locale.value
    entries = await interaction.client.app.learning.find_action_entries(result)
    view = note_view(
        translate(
            "This is how I will write for you from now on." if entries else "That has already been undone.", locale
        )
    )
    for item in build_learnt_items(entries, locale):
        view.add_item(item)
    await whisper(interaction, view)


async def show_reasons(interaction: Interaction, result: Generation) -> None:
    """Show the owner what shaped a result, in an ephemeral message.

    Raises:
        RefusedError: the result is another user's, or what shaped it is not stored.
    """
    if result.user_id != str(interaction.user.id):
        raise RefusedError("Only the person who asked for this can see why it came out like this.")
    if not result.why:
        raise RefusedError("I made this before I started to record what shapes a result, so I cannot tell you.")
    checks = tuple(map(Check.from_json, result.checks))
    await whisper(interaction, format_reasons(result.why, interaction.locale.value, checks, result.seconds))


async def use_variant(interaction: Interaction, variant: Generation) -> None:
    """Replace the message of the variants by the chosen one, and learn from how it differs from the others."""
    variant = await load_own_result(interaction, variant.id)
    locale = interaction.locale.value
    entries, profile = await interaction.client.app.taste.choose(variant)
    view, files = chosen_variant_view(variant, profile, locale, build_learnt_note(entries, variant.id, locale))
    # Passed even if empty, which removes the file with all variants.
    await interaction.response.edit_message(view=view, attachments=list(files), allowed_mentions=_SILENT)


def chosen_variant_view(
    variant: Generation, profile: Profile, locale: str, extra: Sequence[Item]
) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
    """Build the view of a chosen variant as a result, with its files."""
    result, request = rebuild_result(variant), Request.from_json(variant.request)
    # None means that there was material that is no longer stored.
    from_material = variant.request.get("material", "") != ""
    lines = (sources_line(result, locale), facts_line(result, from_material, locale))
    return result_view(
        result,
        profile,
        variant.id,
        audience=request.audience,
        locale=locale,
        hint=" · ".join(filter(None, lines)),
        extra=extra,
        in_server=bool(request.guild_id),
    )


def rebuild_result(row: Generation) -> Result:
    """Rebuild a result from its stored row."""
    checks = tuple(map(Check.from_json, row.checks))
    content = Content(row.text, row.parts)
    return Result(
        row.kind,
        content,
        checks,
        row.persona,
        row.engine,
        row.seed,
        row.seconds,
        to_check=row.why.get("to_check", ""),
        written=row.written,
    )


async def save_edit(bot: QuillmateBot, message: discord.Message, original: Generation, text: str) -> None:
    """Store a user's own version of a result as a liked one, learn from the changes, and confirm it."""
    text = clean_text(text)
    app = bot.app
    parts = await asyncio.to_thread(parse_own_text, text, Request.from_json(original.request), original.kind)
    # The edit is visible in the channel it was written in, not where the original was posted; in direct messages, nowhere
    # else.
    guild_id = str(message.guild.id) if message.guild else None
    channel_id = str(message.channel.id) if message.guild else None
    edited = replace(
        original,
        id=str(message.id),
        text=text,
        parts=parts,
        written={},
        checks=[],
        parent_id=original.id,
        created_at=datetime.now(UTC),
        guild_id=guild_id,
        channel_id=channel_id,
        request={**original.request, "guild_id": guild_id or "", "channel_id": channel_id or ""},
    )
    outcome = await app.taste.save_edit(original, edited)
    confirmation = "I have saved your version and will write more like it."
    if outcome.paused:
        confirmation = "I have saved your version. Learning is paused."
    locale = find_locale(message)
    view = note_view(translate(confirmation, locale), locale=locale)
    for item in build_learnt_note(outcome.learnt, edited.id, locale):
        view.add_item(item)
    await bot.reply(message, view)
