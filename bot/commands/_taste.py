"""Actions on a result that signal taste: votes with reasons, chosen variants, own edits; and undoing them."""

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
from bot.locales import translate
from bot.people.taste import LearningOutcome
from bot.replies.address import find_locale
from bot.replies.ledger import build_learnt_items, build_learnt_note, format_value, label, plain
from bot.replies.reasons import format_reasons
from bot.replies.result_views import result_view
from bot.replies.source_lines import facts_line, sources_line
from bot.replies.views import Item, button_id, note_view
from bot.requests.intake import harmless
from personas.learning import LearningStatus
from personas.ledger import Entry
from personas.profile import Profile
from storage.generations import Generation

from ._components import Form, PersistentItem
from ._results import load_own_result

_WORD = "word"
_STATUS_SENTENCES: dict[LearningStatus, str] = {
    "known": "Noted. I already write that way for you.",
    "once": "Noted. I will change something once I hear this about two results.",
    "": "Noted for this result.",
}
_SILENT = discord.AllowedMentions.none()
_MAX_REASONS = 3


class ReasonMenu(
    PersistentItem[discord.ui.Select[Any]], template=r"quillwhy:(?P<vote>up|down):(?P<generation_id>[\w-]{1,40})"
):
    """The menu of reasons for a vote; it works after a restart, as the result's id is in its custom id."""

    def __init__(self, vote: str, generation_id: str, locale: str = "en") -> None:
        question = "What was good?" if vote == "up" else "What was wrong?"
        options = [(name, words) for name, (words, _) in REASONS[vote].items()]
        options += [(_WORD, "A word…")] if vote == "down" else []
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=f"quillwhy:{vote}:{generation_id}",
            placeholder=translate(question, locale),
            max_values=min(_MAX_REASONS, len(options)),
            options=[discord.SelectOption(label=translate(words, locale), value=name) for name, words in options],
        )
        super().__init__(menu)
        self._vote, self._result_id = vote, generation_id

    async def act(self, interaction: Interaction) -> None:
        """Learn from the reasons; as an answer to a complaint, where there was no vote, they count as one."""
        result = await load_own_result(interaction, self._result_id)
        reasons, locale = self.item.values, interaction.locale.value
        taste, channel_id = interaction.client.app.taste, str(interaction.channel_id or "")
        outcome = await taste.explain(result, self._vote, reasons, channel_id)
        if _WORD in reasons:
            await interaction.response.send_modal(WordModal(result, locale))
            return
        await interaction.response.edit_message(view=thanks_view(outcome, result, locale, reasons))


class WordModal(Form):
    """Ask which word was disliked; then show what the other reasons taught, too."""

    def __init__(self, result: Generation, locale: str) -> None:
        super().__init__(title=translate("Which word?", locale))
        self._result = result
        self.word: discord.ui.TextInput[WordModal] = discord.ui.TextInput(max_length=60)
        self.add_item(discord.ui.Label(text=translate("A word or phrase to avoid", locale), component=self.word))

    async def act(self, interaction: Interaction) -> None:
        """Learn that it is to be avoided."""
        word = harmless(self.word.value)
        if not word:
            raise RefusedError("Type the word I should avoid.")
        outcome = await interaction.client.app.taste.avoid(self._result, word)
        view = thanks_view(outcome, self._result, interaction.locale.value)
        await interaction.response.send_message(view=view, ephemeral=True)


async def record_vote(interaction: Interaction, result: Generation, value: int) -> None:
    """Store a vote, or withdraw it when it is repeated; the owner is asked for the reason."""
    locale = interaction.locale.value
    taste, channel_id = interaction.client.app.taste, str(interaction.channel_id or "")
    voted = await taste.vote(result, str(interaction.user.id), value, channel_id)
    if not voted.vote:
        await whisper(interaction, note_view(_format_withdrawn_vote(voted.gone, locale), locale=locale))
        return
    message = (
        "Thanks! Good to know."
        if value > 0
        else "Thanks for telling me. Press Change… to say what should be different."
    )
    view = note_view("\n".join([translate(message, locale), *_format_ended_entries(voted.gone, locale)]), locale=locale)
    for item in build_learnt_items(voted.learnt, locale):
        view.add_item(item)
    if voted.explains:
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        row.add_item(ReasonMenu("up" if value > 0 else "down", result.id, locale))
        view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


def _format_withdrawn_vote(ended: Sequence[Entry], locale: str) -> str:
    return "\n".join([translate("Vote removed.", locale), *_format_ended_entries(ended, locale)])


def _format_ended_entries(ended: Sequence[Entry], locale: str) -> list[str]:
    return [f"-# {translate('No longer applies', locale)}: {_format_entry(entry, locale)}" for entry in ended]


def _format_entry(entry: Entry, locale: str) -> str:
    return f"{label(entry.field, locale)} → {plain(format_value(entry.value, entry.field, locale))}"


def thanks_view(
    outcome: LearningOutcome, result: Generation, locale: str, reasons: Sequence[str] = ()
) -> discord.ui.LayoutView:
    """Build the answer to reasons: what was learnt, with Undo, also if repeated, or its status.

    Below it, if faults were named, a button that rewrites the text without them.
    """
    view = _build_thanks_view(outcome, locale)
    if faults := [name for name in FAULTS if name in reasons]:
        again: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
            label=translate("Rewrite it without that", locale),
            emoji="🔁",
            custom_id=button_id("redo-" + "-".join(faults), result.id),
        )
        view.add_item(discord.ui.ActionRow(again))
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
        RefusedError: it no longer applies, or is another user's.
    """
    locale = interaction.locale.value
    entry = await interaction.client.app.learning.undo(str(interaction.user.id), entry_id)
    if entry is None:
        raise RefusedError("That has already been undone, or it is not yours.")
    await whisper(interaction, f"{translate('Undone', locale)}: {_format_entry(entry, locale)}")


async def show_learnt_entries(interaction: Interaction, result: Generation) -> None:
    """Show the owner privately what was learnt from their actions on a result, each with Undo.

    Raises:
        RefusedError: it is another user's.
    """
    if result.user_id != str(interaction.user.id):
        raise RefusedError("Only the person it is about can see what I learnt.")
    locale = interaction.locale.value
    learnt = await interaction.client.app.learning.find_action_entries(result)
    view = note_view(
        translate(
            "This is how I will write for you from now on." if learnt else "That has already been undone.", locale
        )
    )
    for item in build_learnt_items(learnt, locale):
        view.add_item(item)
    await whisper(interaction, view)


async def show_reasons(interaction: Interaction, result: Generation) -> None:
    """Show the owner privately what shaped a result.

    Raises:
        RefusedError: it is another user's, or nothing about it is stored.
    """
    if result.user_id != str(interaction.user.id):
        raise RefusedError("Only the person who asked for this can see why it came out like this.")
    if not result.why:
        raise RefusedError("This result is from before I recorded what shapes a result, so I cannot tell you.")
    checks = tuple(map(Check.from_json, result.checks))
    await whisper(interaction, format_reasons(result.why, interaction.locale.value, checks, result.seconds))


async def use_variant(interaction: Interaction, chosen: Generation) -> None:
    """Replace all variants by the chosen one, and learn from what distinguishes it."""
    chosen = await load_own_result(interaction, chosen.id)
    locale = interaction.locale.value
    learnt, profile = await interaction.client.app.taste.choose(chosen)
    view, files = chosen_variant_view(chosen, profile, locale, build_learnt_note(learnt, chosen.id, locale))
    # Also without a file: this removes the one with all variants.
    await interaction.response.edit_message(view=view, attachments=list(files), allowed_mentions=_SILENT)


def chosen_variant_view(
    chosen: Generation, profile: Profile, locale: str, extra: Sequence[Item]
) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
    """Build the view of a chosen variant as a result, with its file."""
    result, request = rebuild_result(chosen), Request.from_json(chosen.request)
    # None means that there was some that is no longer stored.
    from_material = chosen.request.get("material", "") != ""
    below = (sources_line(result, locale), facts_line(result, from_material, locale))
    return result_view(
        result,
        profile,
        chosen.id,
        audience=request.audience,
        locale=locale,
        hint=" · ".join(filter(None, below)),
        extra=extra,
        in_server=bool(request.guild_id),
    )


def rebuild_result(stored: Generation) -> Result:
    """Rebuild the result that a stored row was made from."""
    checks = tuple(map(Check.from_json, stored.checks))
    content = Content(stored.text, stored.parts)
    return Result(
        stored.kind,
        content,
        checks,
        stored.persona,
        stored.engine,
        stored.seed,
        stored.seconds,
        to_check=stored.why.get("to_check", ""),
        written=stored.written,
    )


async def save_edit(bot: QuillmateBot, message: discord.Message, original: Generation, text: str) -> None:
    """Store a user's own version of a result as a liked one, learn from the changes, and confirm it."""
    text = harmless(text)
    app = bot.app
    parts = await asyncio.to_thread(parse_own_text, text, Request.from_json(original.request), original.kind)
    # It is visible where it was written, not where the original was posted: in a direct message to nobody else.
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
    said = "I have saved your version and will write more like it."
    if outcome.paused:
        said = "I have saved your version. Learning is paused."
    locale = find_locale(message)
    view = note_view(translate(said, locale), locale=locale)
    for item in build_learnt_note(outcome.learnt, edited.id, locale):
        view.add_item(item)
    await bot.reply(message, view)
