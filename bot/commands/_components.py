"""Buttons, menus and modals whose errors are told to whoever acts, as those of commands are by the client's tree.

The ignored overrides: discord.py calls with an interaction of any client; ours are only ever added to our bot, so what they
are called with is narrowed here, once, to interactions of that.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

import discord

from bot.client import Interaction, whisper
from bot.errors import RefusedError
from bot.locales import translate, translate_error
from bot.moderation import DespairError
from bot.replies.views import note_view
from bot.runtime.credentials import holds_secret
from bot.runtime.logs import request_id
from storage.errors import ForgottenError
from storage.owner_keys import begin

log = logging.getLogger(__name__)

# How long what was not kept can still be: a refused modal opened again, a voice that was learnt saved.
KEPT_SECONDS = 900.0
# How long a modal that was opened can be submitted. Discord tells nobody when one is dismissed, and it holds a request.
FORM_SECONDS = 3600.0
_STOPPING = "I am restarting. Try again in a minute."
Component = TypeVar("Component", bound=discord.ui.Item[Any], covariant=True)


# What is overridden below says so to mypy because discord.py has it take any client's interaction; ours are QuillmateBot's.
async def _told(interaction: Interaction, act: Callable[[Interaction], Awaitable[None]]) -> None:
    request_id.set(str(interaction.id))
    try:
        await act(interaction)
    except Exception as error:
        await interaction.client.report(interaction, error)


def refuse_while_stopping(interaction: Interaction) -> None:
    """Raises RefusedError while the bot is stopping."""
    if interaction.client.stopping:
        raise RefusedError(_STOPPING)


class Found(discord.ui.DynamicItem[Component], template=r"(?!)"):
    """A button or menu that is found by its custom id, so that it works after a restart.

    A subclass names its `template`, whose groups are the arguments that it is made with, and says in `act` what it does.
    """

    @classmethod
    async def from_custom_id(  # type: ignore[override]
        cls, _interaction: Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """The component that a custom id names, as it is shown."""
        arguments: dict[str, Any] = match.groupdict()
        made = cls(**arguments)
        made.item = item
        return made

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        """Does what it says."""
        begin()
        await _told(interaction, self.act)

    async def act(self, interaction: Interaction) -> None:
        """What it does."""
        raise NotImplementedError


async def refuse_forgotten(interaction: Interaction, since: datetime) -> None:
    """Raises ForgottenError where whoever acts has been forgotten since a moment: what was held since then must not come back."""
    begin(since)
    if await interaction.client.desk.privacy.was_forgotten_since(str(interaction.user.id), since):
        raise ForgottenError


class Pressed(discord.ui.Button[discord.ui.LayoutView]):
    """A button that holds more than a custom id can, and works as long as the view that it is in, and its person is known."""

    def __init__(self, *, label: str, style: discord.ButtonStyle) -> None:
        super().__init__(label=label, style=style)
        self._made_at = datetime.now(UTC)

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        """Does what it says."""
        await _told(interaction, self._act)

    async def _act(self, interaction: Interaction) -> None:
        await refuse_forgotten(interaction, self._made_at)
        await self.act(interaction)

    async def act(self, interaction: Interaction) -> None:
        """What it does."""
        raise NotImplementedError


class Form(discord.ui.Modal):
    """A modal; a subclass says in `act` what is done with what was typed. Refused, it can be opened again as it was filled in."""

    def __new__(cls, *args: Any, **options: Any) -> Self:
        """Notes what it is made with: one that was answered takes no second answer, so a like one is made in its place."""
        made = super().__new__(cls)
        made._made_with, made._made_at = (args, options), datetime.now(UTC)
        return made

    _made_with: tuple[tuple[Any, ...], dict[str, Any]]
    _made_at: datetime

    def __init__(self, *, title: str) -> None:
        super().__init__(title=title, timeout=FORM_SECONDS)

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override]
        """Does what is done with it."""
        request_id.set(str(interaction.id))
        try:
            await refuse_forgotten(interaction, self._made_at)
        except ForgottenError as error:  # Told here, as what was typed must not be offered again.
            await interaction.client.report(interaction, error)
            return
        await self.act(interaction)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """Tells what was wrong, with a button that opens it again."""
        self.stop()
        try:
            await offer_again(interaction, error, self)
        except discord.HTTPException:
            log.warning("an error could not be told")

    async def act(self, interaction: Interaction) -> None:
        """What is done with what was typed."""
        raise NotImplementedError

    def again(self) -> Self:
        """A new one that is filled with what was typed into this one."""
        args, options = self._made_with
        made = type(self)(*args, **options)
        for new, old in zip(_inputs(made), _inputs(self), strict=True):
            new.default = old.value[: new.max_length] or None
        return made


async def offer_again(interaction: Interaction, error: Exception, form: Form) -> None:
    """Tells what was wrong with what was typed, with a button that opens a form with it, so that nothing is typed twice."""
    cause = await interaction.client.add_help_line(error, interaction.user.id, interaction.locale.value)
    desperate = isinstance(cause, DespairError)
    view = note_view(translate_error(cause, interaction.locale.value), wrong=not desperate)
    view.hold(KEPT_SECONDS)
    # A key or password is told not to have been kept, so it is not held for that either.
    if not desperate and not any(holds_secret(field.value) for field in _inputs(form)):
        view.add_item(discord.ui.ActionRow(EditAgain(form, interaction.locale.value)))
    await whisper(interaction, view)


def _inputs(form: Form) -> list[discord.ui.TextInput[Any]]:
    return [item for item in form.walk_children() if isinstance(item, discord.ui.TextInput)]


class EditAgain(Pressed):
    """Opens a refused modal again, with what was typed into it. Only the person who typed sees it."""

    def __init__(self, refused: Form, locale: str) -> None:
        super().__init__(label=translate("Edit again", locale), style=discord.ButtonStyle.primary)
        self._refused = refused

    async def act(self, interaction: Interaction) -> None:
        """Opens it."""
        await interaction.response.send_modal(self._refused.again())
