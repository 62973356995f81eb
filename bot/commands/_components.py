"""Buttons, menus and modals whose errors are told to whoever acts, as those of commands are by the client's tree.

The ignored overrides: discord.py calls with an interaction of any client; ours are only ever added to our bot, so what they
are called with is narrowed here, once, to interactions of that.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

import discord

from bot.client import Interaction

Component = TypeVar("Component", bound=discord.ui.Item[Any], covariant=True)


async def _told(interaction: Interaction, act: Callable[[Interaction], Awaitable[None]]) -> None:
    try:
        await act(interaction)
    except Exception as error:
        await interaction.client.report(interaction, error)


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
        await _told(interaction, self.act)

    async def act(self, interaction: Interaction) -> None:
        """What it does."""
        raise NotImplementedError


class Pressed(discord.ui.Button[discord.ui.LayoutView]):
    """A button that holds more than a custom id can, and works as long as the view that it is in."""

    async def callback(self, interaction: Interaction) -> None:  # type: ignore[override]
        """Does what it says."""
        await _told(interaction, self.act)

    async def act(self, interaction: Interaction) -> None:
        """What it does."""
        raise NotImplementedError


class Form(discord.ui.Modal):
    """A modal; a subclass says in `act` what is done with what was typed."""

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override]
        """Does what is done with it."""
        await self.act(interaction)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """Tells what was wrong."""
        await self.refuse(interaction, error)

    async def act(self, interaction: Interaction) -> None:
        """What is done with what was typed."""
        raise NotImplementedError

    async def refuse(self, interaction: Interaction, error: Exception) -> None:
        """How an error is told."""
        await interaction.client.report(interaction, error)
