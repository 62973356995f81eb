"""Where finished answers are shown: where they were asked for, else in the channel, else as a direct message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import discord

from bot.replies.address import Address
from bot.replies.delivery import Show, deliver
from bot.replies.pacer import Pacer
from bot.replies.surface import Surface, direct_surface, surface_for
from bot.runtime.active_requests import stage


@dataclass(slots=True)
class AnswerDelivery:
    """Shows answers with a Discord client. `holds_lease` returns whether this process holds its slot's lease."""

    bot: discord.Client
    pacer: Pacer
    holds_lease: Callable[[], Awaitable[bool]]

    async def show(
        self,
        surface: Surface,
        address: Address,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] = (),
        *,
        privately: bool = False,
        in_channel: bool = True,
    ) -> None:
        """Show a finished view where it was asked for; after the interaction token has expired in its channel, else as
        a direct message. Private views, and those with `in_channel=False`, skip the channel.

        Raises:
            CancelledError: another process has taken over this one's slot.
        """
        if not await self.holds_lease():
            raise asyncio.CancelledError
        direct = direct_surface(self.bot, address, self.pacer)
        late = surface_for(self.bot, replace(address, created=0.0), self.pacer, kind=surface.kind, again=False)
        places: list[Show]
        if privately:
            places = [surface.refuse, direct.finish]
        else:
            places = [surface.finish, *([late.finish] if address.token and in_channel else []), direct.finish]
        with stage("deliver"):
            if await deliver(view, files, address.locale, places) != 0:
                await surface.withdraw()

    async def show_aside(self, surface: Surface, address: Address, view: discord.ui.LayoutView) -> None:
        """Show a view privately, next to the answer."""
        direct = direct_surface(self.bot, address, self.pacer)

        async def aside(view: discord.ui.LayoutView, files: Sequence[discord.File]) -> None:
            if not await surface.aside(view):
                await direct.finish(view, files)

        await deliver(view, (), address.locale, [aside, direct.finish])
