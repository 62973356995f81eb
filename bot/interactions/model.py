"""The model page of /model and /admin, for operators: the current model, the available ones, and switching."""

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
from bot.interactions.components import Form, PersistentItem
from bot.interactions.operator import is_operator
from bot.locales import localize, translate, translate_error
from bot.models import Model, ModelChoice
from bot.models.fetch import fetch_model
from bot.models.offers import ModelOffer, load_services
from bot.models.sources import ProgressCallback, list_sources
from bot.replies.ledger import plain
from bot.replies.views import note_view
from bot.replies.writer import writer_line

_CHOOSE, _KEY = "quillmodel:choose", "quillmodel:key"
_OPERATORS_ONLY = "The people who run this bot choose which model writes."
_MAX_OPTIONS, _MAX_TITLE = 25, 90
# Interval of updates of a download's progress, and the time for which Discord allows them.
_UPDATE_SECONDS, _TOKEN_SECONDS = 3.0, 840.0
# The minimum completed share from which the remaining time is estimated.
_MIN_SHARE = 0.02


async def _require_operator(interaction: Interaction) -> None:
    """Raise RefusedError unless the user is an operator."""
    if not await is_operator(interaction):
        raise RefusedError(_OPERATORS_ONLY)


class ModelMenu(PersistentItem[discord.ui.Select[Any]], template=_CHOOSE):
    """The menu of available models."""

    def __init__(self, offers: Sequence[ModelOffer] = (), locale: str = "en") -> None:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=_CHOOSE, placeholder=translate("Choose another model", locale)
        )
        for offer in offers[:_MAX_OPTIONS]:
            menu.add_option(
                label=offer.title[:_MAX_TITLE],
                value=offer.id[:100],
                description=localize(_describe_offer(offer), locale)[:100],
            )
        super().__init__(menu)

    async def act(self, interaction: Interaction) -> None:
        """Try the chosen model, after downloading it if necessary, and use it from now on."""
        await _require_operator(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        choice_id = next(iter(self.item.values), "")
        offer = next(
            (offer for offer in await interaction.client.app.list_offers() if offer.id[:100] == choice_id), None
        )
        if offer is None:
            raise RefusedError("That model is no longer available. /model shows what is.")
        if offer.model is not None and not offer.is_here:
            await _download_model(interaction, offer.model)
        chosen = offer.model or offer.choice
        assert chosen is not None
        await _try_model(interaction, chosen, offer.title)


class KeyButton(PersistentItem[discord.ui.Button[Any]], template=_KEY):
    """A button that opens the form for a key."""

    def __init__(self, locale: str = "en") -> None:
        super().__init__(discord.ui.Button(custom_id=_KEY, label=translate("Use a key…", locale), emoji="🔑"))

    async def act(self, interaction: Interaction) -> None:
        """Open the form."""
        await _require_operator(interaction)
        await interaction.response.send_modal(KeyModal(interaction.locale.value))


class KeyModal(Form):
    """Ask for a service, its key and, optionally, a model."""

    def __init__(self, locale: str) -> None:
        super().__init__(title=translate("Write with a service", locale))
        options = [
            discord.SelectOption(label=service.title, value=service.name, description=service.model[:100])
            for service in load_services()[:_MAX_OPTIONS]
        ]
        self.service: discord.ui.Select[KeyModal] = discord.ui.Select(options=options)
        self.key: discord.ui.TextInput[KeyModal] = discord.ui.TextInput(max_length=400)
        self.model: discord.ui.TextInput[KeyModal] = discord.ui.TextInput(max_length=100, required=False)
        self.add_item(discord.ui.Label(text=translate("Service", locale), component=self.service))
        notice = translate(
            "It is stored on this machine, in a file that only Quillmate's own account can read.", locale
        )
        self.add_item(discord.ui.Label(text=translate("Key", locale), description=notice, component=self.key))
        model_hint = translate("Leave it empty to use the one named in the menu.", locale)
        self.add_item(discord.ui.Label(text=translate("Model", locale), description=model_hint, component=self.model))

    async def act(self, interaction: Interaction) -> None:
        """Try the model, and use it from now on."""
        await _require_operator(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        service = next(service for service in load_services() if service.name == self.service.values[0])
        choice = service.choice("".join(self.model.value.split()), self.key.value.strip())
        await _try_model(interaction, choice, f"{choice.model} ({service.title})")


def _describe_offer(offer: ModelOffer) -> Phrase:
    """Describe where a model runs, and what it requires."""
    if offer.model is not None and not offer.is_here:
        return Phrase("{size} download; the best fit for this machine", size=offer.model.size)
    if offer.model is not None:
        return Phrase("on this machine")
    if offer.choice is not None and offer.choice.key_name:
        return Phrase("{service}, with the key in {name}", service=offer.where, name=offer.choice.key_name)
    return Phrase("{server}, on this machine", server=offer.where)


async def _try_model(interaction: Interaction, model: ModelChoice | Model, title: str) -> None:
    """Try a model with one sentence, switch to it if that works, and report the outcome."""
    locale = interaction.locale.value
    progress_text = localize(Phrase("Trying {model} with one sentence…", model=title), locale)
    await interaction.edit_original_response(view=note_view(progress_text))
    try:
        trial = await interaction.client.app.write_with(model)
    except QuillmateError as error:
        fallback = localize(
            Phrase("I'll keep using {engine}.", engine=interaction.client.app.engines.first.label), locale
        )
        view = note_view(f"{translate_error(error, locale)}\n-# {fallback}", wrong=True)
        await interaction.edit_original_response(view=view)
        return
    message = localize(
        Phrase(
            "From now on, I'll write with {model}, at about {speed:.0f} words a second.",
            model=title,
            speed=trial.words_per_second,
        ),
        locale,
    )
    await interaction.edit_original_response(view=note_view(f"{message}\n> {plain(trial.sentence)[:300]}"))


class _Download:
    """The progress of a download, written by its thread and read by the event loop."""

    def __init__(self) -> None:
        self.done, self.total, self.began_at = 0, 0, time.monotonic()

    @contextmanager
    def __call__(self, doing: str, total: int | None) -> Iterator[ProgressCallback]:
        """Start a phase of the download, and yield its progress callback."""
        self.done, self.total, self.began_at = 0, total or 0, time.monotonic()

        def on_progress(done: int) -> None:
            self.done = done

        yield on_progress

    def format_progress(self, title: str) -> Phrase:
        """Format the progress and the remaining time."""
        share = self.done / self.total if self.total else 0.0
        if share < _MIN_SHARE:
            return Phrase("Downloading {model}…", model=title)
        minutes_left = (time.monotonic() - self.began_at) * (1 - share) / share / 60
        return Phrase(
            "Downloading {model}: {share:.0%}, about {minutes:.0f} min left.",
            model=title,
            share=share,
            minutes=max(1, minutes_left),
        )


async def _download_model(interaction: Interaction, model: Model) -> None:
    """Download a model and show the progress.

    Raises:
        QuillmateError: the model is not available, or is already being downloaded.
    """
    shelf, download, locale = interaction.client.app.shelf, _Download(), interaction.locale.value

    @tasks.loop(seconds=_UPDATE_SECONDS, count=int(_TOKEN_SECONDS / _UPDATE_SECONDS))
    async def show_progress() -> None:
        with contextlib.suppress(discord.HTTPException):
            view = note_view(localize(download.format_progress(model.title), locale))
            await interaction.edit_original_response(view=view)

    show_progress.start()
    try:
        await asyncio.to_thread(fetch_model, model, shelf, list_sources(model), download)
    finally:
        show_progress.cancel()


async def show_models(interaction: Interaction) -> None:
    """Show the current model and the available ones.

    Raises:
        RefusedError: the user is not an operator.
    """
    await _require_operator(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    app, locale = interaction.client.app, interaction.locale.value
    offers = await app.list_offers()
    privacy_note = translate(
        "I found these without sending anything anywhere, and I use none of them until you choose it.", locale
    )
    view = note_view(f"{writer_line(app.engines.first, locale)}\n-# {privacy_note}", locale=locale)
    if offers:  # Discord rejects an empty menu.
        view.add_item(discord.ui.ActionRow(ModelMenu(offers, locale)))
    view.add_item(discord.ui.ActionRow(KeyButton(locale)))
    await whisper(interaction, view)
