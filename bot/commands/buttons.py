"""The buttons of a result. They carry its id and work after a restart, for its owner and, read-only, for others."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.client import Interaction, QuillmateBot
from bot.content import COPY, Content, Request
from bot.errors import RefusedError
from bot.exports import export_content, load_formats
from bot.generation.faults import FAULTS, NATURAL
from bot.generation.recall import LONGER, SHORTER
from bot.generation.tastes import QUICK_INSTRUCTIONS
from bot.images.studio import BOARD, add_frames
from bot.kinds import find_kind, load_kinds
from bot.locales import translate
from bot.replies.downloads import (
    COPY_BUTTON,
    build_copy_messages,
    describe_copy_order,
    join_copy_texts,
    list_downloads,
    parse_file_action,
)
from bot.replies.files import attachment
from bot.replies.result_views import build_picture_buttons, more_view, parse_picture_action
from bot.replies.split import fence_text, split
from bot.replies.views import CANCEL, button_id, note_view
from bot.requests.changes import build_answer_request, build_change_request, build_retry_request
from bot.requests.intake import brief_of
from bot.requests.sound_jobs import ALOUD, MUSIC, MUSIC_KINDS
from bot.sound.sounds import MAX_MUSIC_SECONDS
from storage.generations import Generation

from ._altering import alter_picture, list_stored_pictures
from ._components import Form, PersistentItem, refuse_while_stopping
from ._library import give_to_library, show_versions
from ._playing import ask_mode
from ._posts.planning import open_plan_form
from ._requests import generate_seed, submit_once
from ._results import load_own_result, load_result
from ._review_messages import submit_result
from ._taste import ReasonMenu, record_vote, show_learnt_entries, show_reasons, undo_entry, use_variant

_TEMPLATE = r"quill:(?P<action>[a-z0-9_-]+):(?P<generation_id>[\w-]{1,40})"
VARIANTS = 3
# A message holds 2,000 characters; a code block takes some of them.
_MAX_COPY_LENGTH = 1900
_TOO_LONG_TO_COPY = "That is too long to copy from messages, so here is just the text as a file."
# Sounds of a result: label, sign, and outcome.
SOUNDS = {
    ALOUD: ("Read aloud", "🔊", "the text as audio"),
    MUSIC: ("Play it", "🎧", "the music it describes"),
}
_NOT_WAITING = "There is nothing to cancel. Only the person who asked can cancel it, and only until it is finished."


class ResultButton(PersistentItem[discord.ui.Button[Any]], template=_TEMPLATE):
    """A button of a result; its custom id names the action."""

    def __init__(self, action: str, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=button_id(action, generation_id)))
        self._action, self._result_id = action, generation_id

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action."""
        refuse_while_stopping(interaction)
        if self._action == "undo":
            await undo_entry(interaction, self._result_id)
            return
        if self._action == CANCEL:
            await _cancel(interaction, self._result_id)
            return
        generation = await load_result(interaction, self._result_id)
        match self._action:
            case "copy":
                await _send_copy(interaction, generation)
            case action if parse_file_action(action):
                await _send_file(interaction, generation, parse_file_action(action))
            case "file":
                await _offer_downloads(interaction, generation)
            case "params":
                await _send_parameters(interaction, generation)
            case "up" | "down":
                await record_vote(interaction, generation, 1 if self._action == "up" else -1)
            case "why":
                await show_reasons(interaction, generation)
            case "history":
                await show_versions(interaction, generation.id)
            case "more":
                await _show_more(interaction, generation)
            case "submit":
                await submit_result(interaction, generation)
            case "keep":
                await give_to_library(interaction, generation.id)
            case "learnt":
                await show_learnt_entries(interaction, generation)
            case "plan":
                await open_plan_form(interaction, generation.text, generation.id)
            case "play":
                await ask_mode(interaction, generation.id, is_case=generation.kind == "scenario")
            case "use":
                await use_variant(interaction, generation)
            case "check":
                await _proofread(interaction, generation)
            case action if action.startswith("fix-"):
                await _apply_check(interaction, generation, action)
            case _:
                await self._change(interaction, generation)

    async def _change(self, interaction: Interaction, generation: Generation) -> None:
        await load_own_result(interaction, generation.id)
        if altering := parse_picture_action(self._action):
            await alter_picture(interaction, generation, *altering)
            return
        request_id = str(interaction.id)
        match self._action:
            case "retry":
                request = build_retry_request(generation, request_id)
            case "again":
                request = build_change_request(generation, request_id)
            case "shorter":
                request = build_change_request(generation, request_id, instruction=SHORTER)
            case "longer":
                request = build_change_request(generation, request_id, instruction=LONGER)
            case "variants":
                request = build_change_request(generation, request_id, variants=VARIANTS)
            case "change":
                await interaction.response.send_modal(ChangeModal(generation, interaction.locale.value))
                return
            case "answer":
                await interaction.response.send_modal(AnswerModal(generation, interaction.locale.value))
                return
            case action if action.startswith("answer-"):
                given = generation.why.get("answers", ())[int(action[7:]) : int(action[7:]) + 1]
                request = build_answer_request(generation, request_id, "".join(given))
            case action if action.startswith("redo-"):
                faults = [name for name in FAULTS if name in action.split("-")]
                if "untrue" in faults:
                    await interaction.response.send_modal(UntrueModal(generation, faults, interaction.locale.value))
                    return
                request = build_redo_request(generation, request_id, faults)
            case action if action.startswith("kind-") and action[5:] in load_kinds():
                request = replace(Request.from_json(generation.request), id=request_id, kind=action[5:])
            case _:
                raise RefusedError("That button no longer works.")
        await submit_once(interaction, request, f"{self._action}:{generation.id}")


async def _show_more(interaction: Interaction, generation: Generation) -> None:
    """Show the user further actions on a result."""
    content = Content(generation.text, generation.parts)
    count = 0
    if ways := interaction.client.app.studio.ways(content):
        # Deleted pictures are read from the message, which may take longer than Discord waits.
        await interaction.response.defer(ephemeral=True, thinking=True)
        with contextlib.suppress(RefusedError):  # Deleted pictures cannot be changed.
            count = len(await list_stored_pictures(interaction, generation))
    view = more_view(
        find_kind(generation.kind),
        content,
        generation.id,
        interaction.locale.value,
        altering=build_picture_buttons(ways, count),
        in_server=interaction.guild_id is not None,
    )
    if ways:
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


async def _proofread(interaction: Interaction, generation: Generation) -> None:
    """Have a result checked by a model, for its owner only."""
    await load_own_result(interaction, generation.id)
    request = Request(
        id=str(interaction.id),
        user_id=str(interaction.user.id),
        brief="",
        kind=generation.kind,
        parent_id=generation.id,
        checks=True,
        seed=generate_seed(),
    )
    await submit_once(interaction, request, f"check:{generation.id}:{interaction.user.id}", privately=True)


async def _apply_check(interaction: Interaction, check: Generation, action: str) -> None:
    """Apply the findings of a check."""
    checking = interaction.client.desk.answers.proofread_jobs
    channel_id, user_id = str(interaction.channel_id or ""), str(interaction.user.id)
    request = await checking.build_fix_request(check.id, action, user_id, channel_id, str(interaction.id))
    await submit_once(interaction, request, f"{action}:{check.id}")


async def _cancel(interaction: Interaction, job_id: str) -> None:
    """Cancel a request of the user.

    Raises:
        RefusedError: it is another user's, or done.
    """
    await interaction.response.defer()  # The message of the request itself says that it was cancelled.
    if not await interaction.client.desk.jobs.cancel(job_id, str(interaction.user.id)):
        raise RefusedError(_NOT_WAITING)
    await interaction.client.desk.answers.accounts.finish(job_id)


class ChangeModal(Form):
    """Ask what should change."""

    def __init__(self, generation: Generation, locale: str) -> None:
        super().__init__(title=translate("What should change?", locale))
        self._generation = generation
        self.wish: discord.ui.TextInput[ChangeModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            max_length=1000,
            placeholder=translate("Mention the free coffee.", locale),
        )
        self.add_item(discord.ui.Label(text=translate("What you would like changed", locale), component=self.wish))

    async def act(self, interaction: Interaction) -> None:
        """Submit the instruction."""
        request = build_change_request(self._generation, str(interaction.id), note=brief_of(self.wish.value))
        await interaction.client.take(interaction, request)


class AnswerModal(Form):
    """Ask for the answer to a writer's question."""

    def __init__(self, question_id: Generation, locale: str) -> None:
        super().__init__(title=translate("Your answer", locale))
        self._asked = question_id
        self.words: discord.ui.TextInput[AnswerModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=1000
        )
        label = translate("What should it be about?", locale)
        self.add_item(discord.ui.Label(text=label, component=self.words))

    async def act(self, interaction: Interaction) -> None:
        """Continue with the answer."""
        request = build_answer_request(self._asked, str(interaction.id), brief_of(self.words.value))
        await interaction.client.take(interaction, request)


def build_redo_request(earlier: Generation, request_id: str, faults: Sequence[str], what: str = "") -> Request:
    """Build a request for the same text without the faults of the current version.

    If it only sounds odd, or `what` says which statement is untrue, the text is edited; else it is rewritten.
    """
    wish = NATURAL if list(faults) == ["odd"] else ""
    request = build_change_request(earlier, request_id, note=what, instruction=wish)
    return replace(request, faults=tuple(dict.fromkeys([*request.faults, *faults])))


class UntrueModal(Form):
    """Ask what is untrue, optionally, and rewrite the text."""

    def __init__(self, generation: Generation, faults: Sequence[str], locale: str) -> None:
        super().__init__(title=translate("What is not true?", locale))
        self._generation, self._faults = generation, tuple(faults)
        self.what: discord.ui.TextInput[UntrueModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            max_length=1000,
            required=False,
            placeholder=translate("We are closed on Mondays, not on Tuesdays.", locale),
        )
        self.add_item(discord.ui.Label(text=translate("What is true instead (optional)", locale), component=self.what))

    async def act(self, interaction: Interaction) -> None:
        """Rewrite it."""
        what = brief_of(self.what.value) if self.what.value.strip() else ""
        await interaction.client.take(
            interaction, build_redo_request(self._generation, str(interaction.id), self._faults, what)
        )


async def _send_copy(interaction: Interaction, generation: Generation) -> None:
    """Send the text privately, ready to be pasted; a long one as a file."""
    kind, content = find_kind(generation.kind), Content(generation.text, generation.parts)
    locale = interaction.locale.value
    messages = build_copy_messages(kind, content)
    if not messages:
        text = join_copy_texts(kind, content, locale)
        file = attachment(_build_file_name(generation, "txt", locale), text.encode("utf-8-sig"))
        await interaction.response.send_message(translate(_TOO_LONG_TO_COPY, locale), file=file, ephemeral=True)
        return
    first, *others = filter(None, [describe_copy_order(kind, content, locale), *messages])
    await interaction.response.send_message(first, ephemeral=True, suppress_embeds=True)
    for message in others:
        await interaction.followup.send(message, ephemeral=True, suppress_embeds=True)


async def _offer_downloads(interaction: Interaction, generation: Generation) -> None:
    """Ask privately which file is wanted, of those that fit the result."""
    locale = interaction.locale.value
    view = note_view(translate("Which file would you like?", locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    content = Content(generation.text, generation.parts)
    offered = [*list_downloads(find_kind(generation.kind), content), *_list_sounds(interaction, generation)]
    row.add_item(FileMenu(generation.id, offered, locale))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


async def _send_file(interaction: Interaction, generation: Generation, name: str) -> None:
    """Send a file of a format privately."""
    chosen = load_formats().get(name)
    if chosen is None:
        raise RefusedError("I no longer write that kind of file. Choose another one.")
    await interaction.response.defer(ephemeral=True, thinking=True)
    locale, content = interaction.locale.value, Content(generation.text, generation.parts)
    if name == BOARD:
        drawn = await interaction.client.app.studio.load_frames(generation.user_id, generation.id, content)
        content = add_frames(content, drawn)
    title = translate(find_kind(generation.kind).title, locale)
    # In a thread: loading a PDF's fonts takes half a second the first time.
    body = await asyncio.to_thread(export_content, chosen.name, title, content, locale)
    await interaction.followup.send(
        file=attachment(_build_file_name(generation, chosen.suffix, locale), body), ephemeral=True
    )


def _list_sounds(interaction: Interaction, generation: Generation) -> list[str]:
    """Return what can be heard of a result here: the text read aloud, or the music it describes."""
    sounds = interaction.client.app.sounds
    plays = sounds.can_play and generation.kind in MUSIC_KINDS
    return [*([ALOUD] if sounds.can_speak else []), *([MUSIC] if plays else [])]


async def _play_sound(interaction: Interaction, generation: Generation, sound: str, seconds: int = 0) -> None:
    """Have a result read aloud or played, for the user only."""
    request = Request(
        id=str(interaction.id),
        user_id=str(interaction.user.id),
        brief="",
        kind=generation.kind,
        parent_id=generation.id,
        sound=sound,
        seconds=seconds,
        seed=generate_seed(),
    )
    await submit_once(interaction, request, f"{sound}:{generation.id}:{interaction.user.id}", privately=True)


class PlayModal(Form):
    """Ask how long the music shall be."""

    def __init__(self, generation: Generation, locale: str) -> None:
        super().__init__(title=translate("Play it", locale))
        self._generation = generation
        self.seconds: discord.ui.TextInput[PlayModal] = discord.ui.TextInput(default="10", max_length=2)
        told = translate("How many seconds, from 1 to {most}", locale).format(most=MAX_MUSIC_SECONDS)
        self.add_item(discord.ui.Label(text=told, component=self.seconds))

    async def act(self, interaction: Interaction) -> None:
        """Have it played."""
        said = self.seconds.value.strip()
        seconds = int(said) if said.isascii() and said.isdigit() else 0
        if not 1 <= seconds <= MAX_MUSIC_SECONDS:
            raise RefusedError("Type a number of seconds from 1 to {most}.", most=MAX_MUSIC_SECONDS)
        await _play_sound(interaction, self._generation, MUSIC, seconds)


def _build_file_name(generation: Generation, suffix: str, locale: str) -> str:
    return f"{translate(find_kind(generation.kind).title, locale)} {generation.id[-6:]}.{suffix}"


class FileMenu(PersistentItem[discord.ui.Select[Any]], template=r"quillfile:(?P<generation_id>[\w-]{1,40})"):
    """The menu of a result's downloads: files and the text to be copied. It carries the id, so it works after a
    restart.
    """

    def __init__(self, generation_id: str, offered: Sequence[str] = (), locale: str = "en") -> None:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=f"quillfile:{generation_id}", placeholder=translate("Choose a file", locale)
        )
        # Sounds come last, and stay if there are too many formats.
        heard = [name for name in offered if name in SOUNDS]
        for name in [*[name for name in offered if name not in SOUNDS][: 25 - len(heard)], *heard]:
            if name == COPY:
                _, label, sign = COPY_BUTTON
                told = translate("only the text, here in the chat", locale)
            elif name in SOUNDS:
                label, sign, said = SOUNDS[name]
                told = translate(said, locale)
            else:
                one = load_formats()[name]
                label, sign, told = one.label, one.sign, f".{one.ending}"
            menu.add_option(label=translate(label, locale), value=name, description=told, emoji=sign)
        super().__init__(menu)
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Send the chosen one."""
        generation = await load_result(interaction, self._result_id)
        chosen = next(iter(self.item.values), "")
        if chosen == MUSIC:
            await interaction.response.send_modal(PlayModal(generation, interaction.locale.value))
            return
        if chosen == ALOUD:
            refuse_while_stopping(interaction)
            await _play_sound(interaction, generation, ALOUD)
            return
        await (_send_copy(interaction, generation) if chosen == COPY else _send_file(interaction, generation, chosen))


class TuneMenu(PersistentItem[discord.ui.Select[Any]], template=r"quilltune:(?P<generation_id>[\w-]{1,40})"):
    """The menu of quick instructions below a result; it works after a restart, as the result's id is in its custom id."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Select(custom_id=f"quilltune:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Submit the instruction."""
        generation = await load_own_result(interaction, self._result_id)
        name = next(iter(self.item.values), "")
        if name not in QUICK_INSTRUCTIONS:
            raise RefusedError("That option is no longer available.")
        request = build_change_request(generation, str(interaction.id), note=f"{QUICK_INSTRUCTIONS[name]}.")
        await submit_once(interaction, request, f"{name}:{generation.id}")


async def _send_parameters(interaction: Interaction, generation: Generation) -> None:
    """Send all parameters of a picture as JSON that can be pasted elsewhere."""
    known = {**generation.parts, "seed": generation.parts.get("seed", generation.seed)}
    shown = {name: value for name, value in known.items() if name not in ("svg", "scene") and value not in ("", [])}
    first, *others = split(json.dumps(shown, ensure_ascii=False, indent=2), _MAX_COPY_LENGTH)
    await interaction.response.send_message(fence_text(first), ephemeral=True)
    for piece in others:
        await interaction.followup.send(fence_text(piece), ephemeral=True)


async def setup(bot: QuillmateBot) -> None:
    """Make the buttons work, old ones too."""
    bot.add_dynamic_items(ResultButton, FileMenu, ReasonMenu, TuneMenu)
