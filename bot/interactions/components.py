"""Buttons, menus and modals that report their errors to the user, as the client's command tree does for commands.

On the ignored overrides: discord.py passes an interaction of any client; these components are only added to our bot,
so the type is narrowed here, once.
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
from storage.owner_keys import begin_work

log = logging.getLogger(__name__)

# Lifetime of unsaved input: a refused modal that can be opened again, a learnt voice that can be saved.
UNSAVED_SECONDS = 900.0
# Lifetime of an open modal. Discord sends no event when one is dismissed, and it holds a request.
FORM_SECONDS = 3600.0
_STOPPING = "I am restarting. Try again in a minute."
Component = TypeVar("Component", bound=discord.ui.Item[Any], covariant=True)


# The overrides below are ignored by mypy, as discord.py types them for any client's interaction; ours are
# QuillmateBot's.
async def _run_reporting_errors(interaction: Interaction, act: Callable[[Interaction], Awaitable[None]]) -> None:
    request_id.set(str(interaction.id))
    try:
        await act(interaction)
    except Exception as error:  # The edge of an event: the user is told of any failure.
        await interaction.client.report(interaction, error)


def refuse_while_stopping(interaction: Interaction) -> None:
    """Raise RefusedError while the bot is stopping."""
    if interaction.client.stopping:
        raise RefusedError(_STOPPING)


class PersistentItem(discord.ui.DynamicItem[Component], template=r"(?!)"):
    """A button or menu that is found by its custom id, so that it works after a restart.

    A subclass defines `template`, whose groups are the arguments of its constructor, and `act`.
    """

    @classmethod
    async def from_custom_id(  # type: ignore[override]
        cls, _interaction: Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Build the component of a custom id."""
        arguments: dict[str, Any] = match.groupdict()
        component = cls(**arguments)
        component.item = item
        return component

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        """Run `act` and report its errors."""
        begin_work()
        await _run_reporting_errors(interaction, self.act)

    async def act(self, interaction: Interaction) -> None:
        """Handle the press or choice."""
        raise NotImplementedError


async def refuse_forgotten(interaction: Interaction, since: datetime) -> None:
    """Raise ForgottenError if the user has been erased since `since`, as data held in memory from then must not be stored again."""
    begin_work(since)
    if await interaction.client.desk.privacy.was_forgotten_since(str(interaction.user.id), since):
        raise ForgottenError


class ViewButton(discord.ui.Button[discord.ui.LayoutView]):
    """A button with more state than fits in a custom id; works while its view lives, unless its user is erased."""

    def __init__(self, *, label: str, style: discord.ButtonStyle) -> None:
        super().__init__(label=label, style=style)
        self._created_at = datetime.now(UTC)

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        """Run `act` and report its errors."""
        await _run_reporting_errors(interaction, self._act)

    async def _act(self, interaction: Interaction) -> None:
        await refuse_forgotten(interaction, self._created_at)
        await self.act(interaction)

    async def act(self, interaction: Interaction) -> None:
        """Handle the press."""
        raise NotImplementedError


class Form(discord.ui.Modal):
    """A modal whose subclass handles the input in `act`. If `act` raises, the user can open it again with the same input."""

    def __new__(cls, *args: Any, **options: Any) -> Self:
        """Record the constructor's arguments for `build_copy`, since a modal cannot be opened twice."""
        form = super().__new__(cls)
        form._arguments, form._created_at = (args, options), datetime.now(UTC)
        return form

    _arguments: tuple[tuple[Any, ...], dict[str, Any]]
    _created_at: datetime

    def __init__(self, *, title: str) -> None:
        super().__init__(title=title, timeout=FORM_SECONDS)

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override]
        """Run `act` with the input."""
        request_id.set(str(interaction.id))
        try:
            await refuse_forgotten(interaction, self._created_at)
        except ForgottenError as error:  # Handled here, as this input must not be offered again.
            await interaction.client.report(interaction, error)
            return
        await self.act(interaction)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """Report an error, with a button that opens the form again."""
        self.stop()
        try:
            await offer_again(interaction, error, self)
        except discord.HTTPException:
            log.warning("an error could not be reported to the user")

    async def act(self, interaction: Interaction) -> None:
        """Handle the input."""
        raise NotImplementedError

    def build_copy(self) -> Self:
        """Return a copy of this form with its current input."""
        args, options = self._arguments
        copy = type(self)(*args, **options)
        for new_input, original in zip(_list_inputs(copy), _list_inputs(self), strict=True):
            new_input.default = original.value[: new_input.max_length] or None
        return copy


async def offer_again(interaction: Interaction, error: Exception, form: Form) -> None:
    """Report what was wrong with an input, with a button that opens the form with that input again."""
    cause = await interaction.client.add_help_line(error, interaction.user.id, interaction.locale.value)
    is_despair = isinstance(cause, DespairError)
    view = note_view(translate_error(cause, interaction.locale.value), wrong=not is_despair)
    view.hold(UNSAVED_SECONDS)
    # Users are promised that keys and passwords are not stored, so an input with one is not held in memory either.
    if not is_despair and not any(holds_secret(field.value) for field in _list_inputs(form)):
        view.add_item(discord.ui.ActionRow(EditAgainButton(form, interaction.locale.value)))
    await whisper(interaction, view)


def _list_inputs(form: Form) -> list[discord.ui.TextInput[Any]]:
    return [item for item in form.walk_children() if isinstance(item, discord.ui.TextInput)]


class EditAgainButton(ViewButton):
    """A button that opens a refused form again with its input. Only the user who typed it sees the button."""

    def __init__(self, form: Form, locale: str) -> None:
        super().__init__(label=translate("Edit again", locale), style=discord.ButtonStyle.primary)
        self._form = form

    async def act(self, interaction: Interaction) -> None:
        """Open the form."""
        await interaction.response.send_modal(self._form.build_copy())
