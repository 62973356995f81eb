"""Which model writes, what else could, and choosing it, as /model and /admin show it to the people who run the bot."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import discord
from discord.ext import tasks

from bot.client import Interaction, whisper
from bot.errors import Phrase, QuillmateError, RefusedError
from bot.locales import localize, translate, translate_error
from bot.models import Model, ModelChoice
from bot.models.fetch import fetch_model
from bot.models.offers import ModelOffer, load_services
from bot.models.sources import ProgressCallback, list_sources
from bot.replies.ledger import plain
from bot.replies.views import note_view
from bot.replies.writer import writer_line

from ._components import Form, Found
from ._operator import runs_the_bot

_CHOOSE, _KEY = "quillmodel:choose", "quillmodel:key"
_NOT_YOURS = "The people who run this bot choose which model writes."
_MAX_OPTIONS, _MAX_TITLE = 25, 90
# How often what is told of a download is brought up to date, and for how long Discord lets it be.
_EVERY_SECONDS, _TOKEN_SECONDS = 3.0, 840.0
# Before so much is there, nobody can say how long it takes.
_MIN_SHARE = 0.02


async def _allow(interaction: Interaction) -> None:
    """Raises RefusedError for anybody but the people who run the bot."""
    if not await runs_the_bot(interaction):
        raise RefusedError(_NOT_YOURS)


class ModelMenu(Found[discord.ui.Select[Any]], template=_CHOOSE):
    """The menu of models that could write; it works after a restart."""

    def __init__(self, offers: Sequence[ModelOffer] = (), locale: str = "en") -> None:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=_CHOOSE, placeholder=translate("Choose another model", locale)
        )
        for one in offers[:_MAX_OPTIONS]:
            menu.add_option(
                label=one.title[:_MAX_TITLE], value=one.id[:100], description=localize(_about(one), locale)[:100]
            )
        super().__init__(menu)

    async def act(self, interaction: Interaction) -> None:
        """Tries the model that was chosen, and lets it write."""
        await _allow(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        wanted = next(iter(self.item.values), "")
        offer = next((one for one in await interaction.client.app.list_offers() if one.id[:100] == wanted), None)
        if offer is None:
            raise RefusedError("That model is no longer available. /model shows what is.")
        if offer.model is not None and not offer.is_here:
            await _fetch(interaction, offer.model)
        chosen = offer.model or offer.choice
        assert chosen is not None
        await _try(interaction, chosen, offer.title)


class KeyButton(Found[discord.ui.Button[Any]], template=_KEY):
    """Opens the form for a key."""

    def __init__(self, locale: str = "en") -> None:
        super().__init__(discord.ui.Button(custom_id=_KEY, label=translate("Use a key…", locale), emoji="🔑"))

    async def act(self, interaction: Interaction) -> None:
        """Asks for it."""
        await _allow(interaction)
        await interaction.response.send_modal(KeyModal(interaction.locale.value))


class KeyModal(Form):
    """Asks for a service, a key for it and, if somebody likes, which of its models."""

    def __init__(self, locale: str) -> None:
        super().__init__(title=translate("Write with a service", locale))
        options = [
            discord.SelectOption(label=one.title, value=one.name, description=one.model[:100])
            for one in load_services()[:_MAX_OPTIONS]
        ]
        self.service: discord.ui.Select[KeyModal] = discord.ui.Select(options=options)
        self.key: discord.ui.TextInput[KeyModal] = discord.ui.TextInput(max_length=400)
        self.model: discord.ui.TextInput[KeyModal] = discord.ui.TextInput(max_length=100, required=False)
        self.add_item(discord.ui.Label(text=translate("Service", locale), component=self.service))
        about = translate("It is stored on this machine, in a file that only Quillmate's own account can read.", locale)
        self.add_item(discord.ui.Label(text=translate("Key", locale), description=about, component=self.key))
        usual = translate("Leave it empty to use the one named in the menu.", locale)
        self.add_item(discord.ui.Label(text=translate("Model", locale), description=usual, component=self.model))

    async def act(self, interaction: Interaction) -> None:
        """Tries it."""
        await _allow(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        service = next(one for one in load_services() if one.name == self.service.values[0])
        choice = service.choice("".join(self.model.value.split()), self.key.value.strip())
        await _try(interaction, choice, f"{choice.model} ({service.title})")


def _about(offer: ModelOffer) -> Phrase:
    """Where a model runs, and what it takes to have it."""
    if offer.model is not None and not offer.is_here:
        return Phrase("{size} download; the best fit for this machine", size=offer.model.size)
    if offer.model is not None:
        return Phrase("on this machine")
    if offer.choice is not None and offer.choice.key_name:
        return Phrase("{service}, with the key in {name}", service=offer.where, name=offer.choice.key_name)
    return Phrase("{server}, on this machine", server=offer.where)


async def _try(interaction: Interaction, chosen: ModelChoice | Model, title: str) -> None:
    """Tries a model with one sentence and tells what came of it."""
    locale = interaction.locale.value
    trying = localize(Phrase("Trying {model} with one sentence…", model=title), locale)
    await interaction.edit_original_response(view=note_view(trying))
    try:
        trial = await interaction.client.app.write_with(chosen)
    except QuillmateError as error:
        stays = localize(Phrase("I keep using {engine}.", engine=interaction.client.app.engines.first.label), locale)
        view = note_view(f"{translate_error(error, locale)}\n-# {stays}", wrong=True)
        await interaction.edit_original_response(view=view)
        return
    done = localize(
        Phrase(
            "{model} writes from now on, at about {speed:.0f} words a second.", model=title, speed=trial.words_a_second
        ),
        locale,
    )
    await interaction.edit_original_response(view=note_view(f"{done}\n> {plain(trial.sentence)[:300]}"))


class _Download:
    """How far a download is: told by the thread that does it, read by the loop."""

    def __init__(self) -> None:
        self.there, self.total, self.began = 0, 0, time.monotonic()

    @contextmanager
    def __call__(self, doing: str, total: int | None) -> Iterator[ProgressCallback]:
        """Takes what is told of one piece of work."""
        self.there, self.total, self.began = 0, total or 0, time.monotonic()

        def moved(there: int) -> None:
            self.there = there

        yield moved

    def told(self, title: str) -> Phrase:
        """How much is there and how long it will take."""
        share = self.there / self.total if self.total else 0.0
        if share < _MIN_SHARE:
            return Phrase("Downloading {model}…", model=title)
        left = (time.monotonic() - self.began) * (1 - share) / share / 60
        return Phrase(
            "Downloading {model}: {share:.0%}, about {minutes:.0f} min left.",
            model=title,
            share=share,
            minutes=max(1, left),
        )


async def _fetch(interaction: Interaction, model: Model) -> None:
    """Downloads a model, telling how far that is.

    Raises:
        QuillmateError: it cannot be had, or is being downloaded already.
    """
    shelf, download, locale = interaction.client.app.shelf, _Download(), interaction.locale.value

    @tasks.loop(seconds=_EVERY_SECONDS, count=int(_TOKEN_SECONDS / _EVERY_SECONDS))
    async def tell() -> None:
        with contextlib.suppress(discord.HTTPException):
            view = note_view(localize(download.told(model.title), locale))
            await interaction.edit_original_response(view=view)

    tell.start()
    try:
        await asyncio.to_thread(fetch_model, model, shelf, list_sources(model), download)
    finally:
        tell.cancel()


async def show_models(interaction: Interaction) -> None:
    """Shows who writes, and what else could.

    Raises:
        RefusedError: whoever acts does not run the bot.
    """
    await _allow(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    app, locale = interaction.client.app, interaction.locale.value
    offers = await app.list_offers()
    private = translate("Nothing was sent anywhere to find these, and none is used until you choose it.", locale)
    view = note_view(f"{writer_line(app.engines.first, locale)}\n-# {private}", locale=locale)
    if offers:  # Discord takes no menu without entries.
        view.add_item(discord.ui.ActionRow(ModelMenu(offers, locale)))
    view.add_item(discord.ui.ActionRow(KeyButton(locale)))
    await whisper(interaction, view)
