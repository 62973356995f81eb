"""Sends what a user can take from a result: text to copy, files, audio, and the parameters of a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import discord

from bot.client import Interaction
from bot.content import COPY, Content, Request
from bot.errors import RefusedError
from bot.exports import load_formats
from bot.images.studio import STORYBOARD_FORMAT, add_frames
from bot.interactions.components import Form, PersistentItem, refuse_while_stopping
from bot.interactions.requests import generate_seed, submit_once
from bot.interactions.results import load_result
from bot.kinds import find_kind
from bot.locales import translate
from bot.replies.downloads import (
    COPY_BUTTON,
    build_copy_messages,
    build_file_name,
    describe_copy_order,
    join_copy_texts,
    list_downloads,
    render_file,
)
from bot.replies.files import attachment
from bot.replies.split import fence_text, split
from bot.replies.views import note_view
from bot.requests.sound_jobs import ALOUD, MUSIC, MUSIC_KINDS
from bot.sound.sounds import MAX_MUSIC_SECONDS
from storage.generations import Generation

# A message holds 2,000 characters, of which a code block's fences take some.
_MAX_PARAMETERS_CHARACTERS = 1900
_TOO_LONG_TO_COPY = "That is too long to copy from messages, so here is just the text as a file."
_MAX_MENU_OPTIONS = 25
_DRAWING_PARTS = ("svg", "scene")
# The menu options of audio, by its name: label, emoji and description.
AUDIO_OPTIONS = {
    ALOUD: ("Read aloud", "🔊", "the text as audio"),
    MUSIC: ("Play it", "🎧", "the music it describes"),
}


async def send_copy(interaction: Interaction, generation: Generation) -> None:
    """Send the text in ephemeral messages, ready to paste; as a file if it is too long."""
    kind, content = find_kind(generation.kind), Content(generation.text, generation.parts)
    locale = interaction.locale.value
    messages = build_copy_messages(kind, content)
    if not messages:
        text = join_copy_texts(kind, content, locale)
        file = attachment(build_file_name(kind, content, generation.id, "txt", locale), text.encode("utf-8-sig"))
        await interaction.response.send_message(translate(_TOO_LONG_TO_COPY, locale), file=file, ephemeral=True)
        return
    if copy_order := describe_copy_order(kind, content, locale):
        messages = [copy_order, *messages]
    first_message, *other_messages = messages
    await interaction.response.send_message(first_message, ephemeral=True, suppress_embeds=True)
    for message in other_messages:
        await interaction.followup.send(message, ephemeral=True, suppress_embeds=True)


async def offer_downloads(interaction: Interaction, generation: Generation) -> None:
    """Send an ephemeral menu of the downloads that the result supports."""
    locale = interaction.locale.value
    view = note_view(translate("Which file would you like?", locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    content = Content(generation.text, generation.parts)
    names = [*list_downloads(find_kind(generation.kind), content), *_list_audio_names(interaction, generation)]
    row.add_item(DownloadMenu(generation.id, names, locale))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


async def send_file(interaction: Interaction, generation: Generation, format_name: str) -> None:
    """Send the result as a file in an ephemeral message. Raises RefusedError or FileError if it cannot be made (any more)."""
    file_format = load_formats().get(format_name)
    if file_format is None:
        raise RefusedError("I can no longer make that kind of file. Choose another one.")
    await interaction.response.defer(ephemeral=True, thinking=True)
    locale, content = interaction.locale.value, Content(generation.text, generation.parts)
    if format_name == STORYBOARD_FORMAT:
        frames = await interaction.client.app.studio.load_frames(generation.user_id, generation.id, content)
        content = add_frames(content, frames)
    file = await render_file(file_format, find_kind(generation.kind), content, generation.id, locale)
    await interaction.followup.send(file=file, ephemeral=True)


def _list_audio_names(interaction: Interaction, generation: Generation) -> list[str]:
    """Return which audio can be made of a result: ALOUD, the text read aloud, and MUSIC, the music it describes."""
    sound_service, names = interaction.client.app.sounds, list[str]()
    if sound_service.can_speak:
        names.append(ALOUD)
    if sound_service.can_compose and generation.kind in MUSIC_KINDS:
        names.append(MUSIC)
    return names


async def _request_audio(interaction: Interaction, generation: Generation, audio_name: str, seconds: int = 0) -> None:
    """Submit a request for audio of a result, answered privately."""
    request = Request(
        id=str(interaction.id),
        user_id=str(interaction.user.id),
        brief="",
        kind=generation.kind,
        parent_id=generation.id,
        sound=audio_name,
        seconds=seconds,
        seed=generate_seed(),
    )
    await submit_once(interaction, request, f"{audio_name}:{generation.id}:{interaction.user.id}", privately=True)


class MusicLengthModal(Form):
    """A form for the length of the music, in seconds."""

    def __init__(self, generation: Generation, locale: str) -> None:
        super().__init__(title=translate("Play it", locale))
        self._generation = generation
        self._seconds_input: discord.ui.TextInput[MusicLengthModal] = discord.ui.TextInput(default="10", max_length=2)
        label = translate("How many seconds, from 1 to {most}", locale).format(most=MAX_MUSIC_SECONDS)
        self.add_item(discord.ui.Label(text=label, component=self._seconds_input))

    async def act(self, interaction: Interaction) -> None:
        """Request the music. Raises RefusedError if the text is no number from 1 to `MAX_MUSIC_SECONDS`."""
        input_text = self._seconds_input.value.strip()
        is_number = input_text.isascii() and input_text.isdigit()
        if not is_number or not 1 <= int(input_text) <= MAX_MUSIC_SECONDS:
            raise RefusedError("Type a number of seconds from 1 to {most}.", most=MAX_MUSIC_SECONDS)
        await _request_audio(interaction, self._generation, MUSIC, int(input_text))


class DownloadMenu(PersistentItem[discord.ui.Select[Any]], template=r"quillfile:(?P<generation_id>[\w-]{1,40})"):
    """The menu of a result's downloads."""

    def __init__(self, generation_id: str, names: Sequence[str] = (), locale: str = "en") -> None:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=f"quillfile:{generation_id}", placeholder=translate("Choose a file", locale)
        )
        # Audio comes last, but takes precedence over file formats if there are too many for the menu.
        audio_names = [name for name in names if name in AUDIO_OPTIONS]
        other_names = [name for name in names if name not in AUDIO_OPTIONS][: _MAX_MENU_OPTIONS - len(audio_names)]
        for name in [*other_names, *audio_names]:
            if name == COPY:
                _, label, emoji = COPY_BUTTON
                description = translate("only the text, here in the chat", locale)
            elif name in AUDIO_OPTIONS:
                label, emoji, outcome = AUDIO_OPTIONS[name]
                description = translate(outcome, locale)
            else:
                file_format = load_formats()[name]
                label, emoji, description = file_format.label, file_format.emoji, f".{file_format.extension}"
            menu.add_option(label=translate(label, locale), value=name, description=description, emoji=emoji)
        super().__init__(menu)
        self._generation_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Send the chosen download."""
        generation = await load_result(interaction, self._generation_id)
        choice = next(iter(self.item.values), "")
        if choice == MUSIC:
            await interaction.response.send_modal(MusicLengthModal(generation, interaction.locale.value))
        elif choice == ALOUD:
            refuse_while_stopping(interaction)
            await _request_audio(interaction, generation, ALOUD)
        elif choice == COPY:
            await send_copy(interaction, generation)
        else:
            await send_file(interaction, generation, choice)


async def send_parameters(interaction: Interaction, generation: Generation) -> None:
    """Send the parameters of a picture that are set as JSON, without the drawing, ready to paste."""
    parameters = {**generation.parts, "seed": generation.parts.get("seed", generation.seed)}
    values = {name: value for name, value in parameters.items() if name not in _DRAWING_PARTS and value not in ("", [])}
    text = json.dumps(values, ensure_ascii=False, indent=2)
    first_piece, *other_pieces = split(text, _MAX_PARAMETERS_CHARACTERS)
    await interaction.response.send_message(fence_text(first_piece), ephemeral=True)
    for piece in other_pieces:
        await interaction.followup.send(fence_text(piece), ephemeral=True)
