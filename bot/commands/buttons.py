"""The buttons of a result. They carry the result's id and work after a restart, for its owner and, to look, for others."""

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
from bot.replies.split import fence_text, split
from bot.replies.views import CANCEL, build_picture_buttons, button_id, more_view, note_view, parse_picture_action
from bot.requests.changes import build_answer_request, build_change_request, build_retry_request
from bot.requests.intake import brief_of
from bot.requests.sound_jobs import ALOUD, MUSIC, MUSIC_KINDS
from bot.sound.sounds import MAX_MUSIC_SECONDS
from storage.generations import Generation

from ._altering import alter, kept_pictures
from ._components import Form, Found, refuse_while_stopping
from ._library import keep, show_versions
from ._playing import ask_how
from ._posts.planning import ask_to_plan
from ._requests import generate_seed, take_once
from ._results import kept, own
from ._review_messages import submit_result
from ._taste import ReasonMenu, show_learnt, show_why, undo, use_variant, vote

_TEMPLATE = r"quill:(?P<action>[a-z0-9_-]+):(?P<generation_id>[\w-]{1,40})"
VARIANTS = 3
# A message holds 2,000 characters; a code block takes some of them.
_ROOM = 1900
_TOO_LONG_TO_COPY = "That is too long to copy from messages, so here is just the text as a file."
# What can be heard of a result: its label, sign, and what comes of it.
HEARD = {
    ALOUD: ("Read aloud", "🔊", "the text as audio"),
    MUSIC: ("Play it", "🎧", "the music it describes"),
}
_NOT_WAITING = "There is nothing to cancel. Only the person who asked can cancel it, and only until it is finished."


class ResultButton(Found[discord.ui.Button[Any]], template=_TEMPLATE):
    """Any button of a result; what it does is in its custom id."""

    def __init__(self, action: str, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=button_id(action, generation_id)))
        self._action, self._result_id = action, generation_id

    async def act(self, interaction: Interaction) -> None:
        """Does what the button says."""
        refuse_while_stopping(interaction)
        if self._action == "undo":
            await undo(interaction, self._result_id)
            return
        if self._action == CANCEL:
            await _take_back(interaction, self._result_id)
            return
        generation = await kept(interaction, self._result_id)
        match self._action:
            case "copy":
                await _copy(interaction, generation)
            case action if parse_file_action(action):
                await _send_file(interaction, generation, parse_file_action(action))
            case "file":
                await _download(interaction, generation)
            case "params":
                await _parameters(interaction, generation)
            case "up" | "down":
                await vote(interaction, generation, 1 if self._action == "up" else -1)
            case "why":
                await show_why(interaction, generation)
            case "history":
                await show_versions(interaction, generation.id)
            case "more":
                await _show_more(interaction, generation)
            case "submit":
                await submit_result(interaction, generation)
            case "keep":
                await keep(interaction, generation.id)
            case "learnt":
                await show_learnt(interaction, generation)
            case "plan":
                await ask_to_plan(interaction, generation.text, generation.id)
            case "play":
                await ask_how(interaction, generation.id, is_case=generation.kind == "scenario")
            case "use":
                await use_variant(interaction, generation)
            case "check":
                await _check(interaction, generation)
            case action if action.startswith("fix-"):
                await _put_right(interaction, generation, action)
            case _:
                await self._change(interaction, generation)

    async def _change(self, interaction: Interaction, generation: Generation) -> None:
        await own(interaction, generation.id)
        if altering := parse_picture_action(self._action):
            await alter(interaction, generation, *altering)
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
                request = redone(generation, request_id, faults)
            case action if action.startswith("kind-") and action[5:] in load_kinds():
                request = replace(Request.from_json(generation.request), id=request_id, kind=action[5:])
            case _:
                raise RefusedError("That button no longer works.")
        await take_once(interaction, request, f"{self._action}:{generation.id}")


async def _show_more(interaction: Interaction, generation: Generation) -> None:
    """Shows whoever pressed what else can be done with a result."""
    content = Content(generation.text, generation.parts)
    count = 0
    if ways := interaction.client.app.studio.ways(content):
        # Pictures that were swept away are read from the message, which may take longer than Discord waits.
        await interaction.response.defer(ephemeral=True, thinking=True)
        with contextlib.suppress(RefusedError):  # Nothing can be done to pictures that are gone.
            count = len(await kept_pictures(interaction, generation))
    view = more_view(
        find_kind(generation.kind), content, generation.id, interaction.locale.value,
        altering=build_picture_buttons(ways, count), in_server=interaction.guild_id is not None,
    )  # fmt: skip
    if ways:
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


async def _check(interaction: Interaction, generation: Generation) -> None:
    """Has a result checked by a model, for its owner alone."""
    await own(interaction, generation.id)
    request = Request(
        id=str(interaction.id), user_id=str(interaction.user.id), brief="", kind=generation.kind,
        parent_id=generation.id, checks=True, seed=generate_seed(),
    )  # fmt: skip
    await take_once(interaction, request, f"check:{generation.id}:{interaction.user.id}", privately=True)


async def _put_right(interaction: Interaction, check: Generation, action: str) -> None:
    """Puts right what a check found."""
    checking = interaction.client.desk.answers.proofread_jobs
    channel_id, user_id = str(interaction.channel_id or ""), str(interaction.user.id)
    request = await checking.build_fix_request(check.id, action, user_id, channel_id, str(interaction.id))
    await take_once(interaction, request, f"{action}:{check.id}")


async def _take_back(interaction: Interaction, job_id: str) -> None:
    """Takes back a request of whoever acts.

    Raises:
        RefusedError: it is another's, or done.
    """
    await interaction.response.defer()  # What was asked for says itself that it was taken back.
    if not await interaction.client.desk.jobs.cancel(job_id, str(interaction.user.id)):
        raise RefusedError(_NOT_WAITING)
    await interaction.client.desk.answers.accounts.finish(job_id)


class ChangeModal(Form):
    """Asks what should change."""

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
        """Takes the wish."""
        request = build_change_request(self._generation, str(interaction.id), note=brief_of(self.wish.value))
        await interaction.client.take(interaction, request)


class AnswerModal(Form):
    """Takes the answer to a writer's question."""

    def __init__(self, asked: Generation, locale: str) -> None:
        super().__init__(title=translate("Your answer", locale))
        self._asked = asked
        self.words: discord.ui.TextInput[AnswerModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=1000
        )
        label = translate("What should it be about?", locale)
        self.add_item(discord.ui.Label(text=label, component=self.words))

    async def act(self, interaction: Interaction) -> None:
        """Goes on from there."""
        request = build_answer_request(self._asked, str(interaction.id), brief_of(self.words.value))
        await interaction.client.take(interaction, request)


def redone(earlier: Generation, request_id: str, faults: Sequence[str], what: str = "") -> Request:
    """A request for the same again without the faults of the version that is there.

    One that only sounds odd, or of which somebody says in words `what` is not true, is edited; else it is written anew.
    """
    wish = NATURAL if list(faults) == ["odd"] else ""
    request = build_change_request(earlier, request_id, note=what, instruction=wish)
    return replace(request, faults=tuple(dict.fromkeys([*request.faults, *faults])))


class UntrueModal(Form):
    """Asks what is not true, if somebody likes to say it, and writes the text again."""

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
        """Writes it again."""
        what = brief_of(self.what.value) if self.what.value.strip() else ""
        await interaction.client.take(interaction, redone(self._generation, str(interaction.id), self._faults, what))


async def _copy(interaction: Interaction, generation: Generation) -> None:
    """Sends the text to the person alone, as it is to be pasted; a long one as a file."""
    kind, content = find_kind(generation.kind), Content(generation.text, generation.parts)
    locale = interaction.locale.value
    messages = build_copy_messages(kind, content)
    if not messages:
        text = join_copy_texts(kind, content, locale)
        file = attachment(_file_name(generation, "txt", locale), text.encode("utf-8-sig"))
        await interaction.response.send_message(translate(_TOO_LONG_TO_COPY, locale), file=file, ephemeral=True)
        return
    first, *others = filter(None, [describe_copy_order(kind, content, locale), *messages])
    await interaction.response.send_message(first, ephemeral=True, suppress_embeds=True)
    for message in others:
        await interaction.followup.send(message, ephemeral=True, suppress_embeds=True)


async def _download(interaction: Interaction, generation: Generation) -> None:
    """Asks the person alone which file is wanted, of those that hold what was made."""
    locale = interaction.locale.value
    view = note_view(translate("Which file would you like?", locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    content = Content(generation.text, generation.parts)
    offered = [*list_downloads(find_kind(generation.kind), content), *_heard_of(interaction, generation)]
    row.add_item(FileMenu(generation.id, offered, locale))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


async def _send_file(interaction: Interaction, generation: Generation, name: str) -> None:
    """Sends a file of a format to the person alone."""
    chosen = load_formats().get(name)
    if chosen is None:
        raise RefusedError("I no longer write that kind of file. Choose another one.")
    await interaction.response.defer(ephemeral=True, thinking=True)
    locale, content = interaction.locale.value, Content(generation.text, generation.parts)
    if name == BOARD:
        drawn = await interaction.client.app.studio.load_frames(generation.user_id, generation.id, content)
        content = add_frames(content, drawn)
    title = translate(find_kind(generation.kind).title, locale)
    # In a thread: a PDF's fonts take half a second to read at first.
    body = await asyncio.to_thread(export_content, chosen.name, title, content, locale)
    await interaction.followup.send(
        file=attachment(_file_name(generation, chosen.suffix, locale), body), ephemeral=True
    )


def _heard_of(interaction: Interaction, generation: Generation) -> list[str]:
    """What can be heard of a result here: it read aloud, the music that it describes."""
    sounds = interaction.client.app.sounds
    plays = sounds.can_play and generation.kind in MUSIC_KINDS
    return [*([ALOUD] if sounds.can_speak else []), *([MUSIC] if plays else [])]


async def _let_hear(interaction: Interaction, generation: Generation, sound: str, seconds: int = 0) -> None:
    """Has a result read aloud or played, for whoever asks alone."""
    request = Request(
        id=str(interaction.id), user_id=str(interaction.user.id), brief="", kind=generation.kind,
        parent_id=generation.id, sound=sound, seconds=seconds, seed=generate_seed(),
    )  # fmt: skip
    await take_once(interaction, request, f"{sound}:{generation.id}:{interaction.user.id}", privately=True)


class PlayModal(Form):
    """Asks how long the music shall be."""

    def __init__(self, generation: Generation, locale: str) -> None:
        super().__init__(title=translate("Play it", locale))
        self._generation = generation
        self.seconds: discord.ui.TextInput[PlayModal] = discord.ui.TextInput(default="10", max_length=2)
        told = translate("How many seconds, from 1 to {most}", locale).format(most=MAX_MUSIC_SECONDS)
        self.add_item(discord.ui.Label(text=told, component=self.seconds))

    async def act(self, interaction: Interaction) -> None:
        """Has it played."""
        said = self.seconds.value.strip()
        seconds = int(said) if said.isascii() and said.isdigit() else 0
        if not 1 <= seconds <= MAX_MUSIC_SECONDS:
            raise RefusedError("Type a number of seconds from 1 to {most}.", most=MAX_MUSIC_SECONDS)
        await _let_hear(interaction, self._generation, MUSIC, seconds)


def _file_name(generation: Generation, suffix: str, locale: str) -> str:
    return f"{translate(find_kind(generation.kind).title, locale)} {generation.id[-6:]}.{suffix}"


class FileMenu(Found[discord.ui.Select[Any]], template=r"quillfile:(?P<generation_id>[\w-]{1,40})"):
    """The menu of what can be taken away, files and the text to be copied. It works after a restart, by the id that it carries."""

    def __init__(self, generation_id: str, offered: Sequence[str] = (), locale: str = "en") -> None:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=f"quillfile:{generation_id}", placeholder=translate("Choose a file", locale)
        )
        # What can be heard stands last, and stays where the formats are too many.
        heard = [name for name in offered if name in HEARD]
        for name in [*[name for name in offered if name not in HEARD][: 25 - len(heard)], *heard]:
            if name == COPY:
                _, label, sign = COPY_BUTTON
                told = translate("only the text, here in the chat", locale)
            elif name in HEARD:
                label, sign, said = HEARD[name]
                told = translate(said, locale)
            else:
                one = load_formats()[name]
                label, sign, told = one.label, one.sign, f".{one.ending}"
            menu.add_option(label=translate(label, locale), value=name, description=told, emoji=sign)
        super().__init__(menu)
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Sends what was chosen."""
        generation = await kept(interaction, self._result_id)
        chosen = next(iter(self.item.values), "")
        if chosen == MUSIC:
            await interaction.response.send_modal(PlayModal(generation, interaction.locale.value))
            return
        if chosen == ALOUD:
            refuse_while_stopping(interaction)
            await _let_hear(interaction, generation, ALOUD)
            return
        await (_copy(interaction, generation) if chosen == COPY else _send_file(interaction, generation, chosen))


class TuneMenu(Found[discord.ui.Select[Any]], template=r"quilltune:(?P<generation_id>[\w-]{1,40})"):
    """The menu of quick wishes below a result; it works after a restart, as the result's id is in its custom id."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Select(custom_id=f"quilltune:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Takes the wish."""
        generation = await own(interaction, self._result_id)
        name = next(iter(self.item.values), "")
        if name not in QUICK_INSTRUCTIONS:
            raise RefusedError("That option is no longer available.")
        request = build_change_request(generation, str(interaction.id), note=f"{QUICK_INSTRUCTIONS[name]}.")
        await take_once(interaction, request, f"{name}:{generation.id}")


async def _parameters(interaction: Interaction, generation: Generation) -> None:
    """All that a picture is drawn from, as JSON that can be pasted elsewhere."""
    known = {**generation.parts, "seed": generation.parts.get("seed", generation.seed)}
    shown = {name: value for name, value in known.items() if name not in ("svg", "scene") and value not in ("", [])}
    first, *others = split(json.dumps(shown, ensure_ascii=False, indent=2), _ROOM)
    await interaction.response.send_message(fence_text(first), ephemeral=True)
    for piece in others:
        await interaction.followup.send(fence_text(piece), ephemeral=True)


async def setup(bot: QuillmateBot) -> None:
    """Makes the buttons work, old ones too."""
    bot.add_dynamic_items(ResultButton, FileMenu, ReasonMenu, TuneMenu)
