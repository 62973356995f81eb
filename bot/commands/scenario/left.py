"""Looks after plays and interviews whose time is over, or that an earlier process left in the middle."""

from __future__ import annotations

import logging

import aiohttp
import discord

from bot.commands._looking import PeriodicCog
from bot.commands._stage.showing import advance_uncounted, get_plays
from bot.errors import QuillmateError

log = logging.getLogger(__name__)
# How often it is looked.
LOOK_SECONDS = 60.0


class LeftPlays(PeriodicCog):
    """Goes on with what somebody waits for; what fails is done at a later look."""

    SECONDS = LOOK_SECONDS

    async def run_once(self) -> None:
        """Looks once, in the process that works under its slot's name."""
        if self._bot.stopping or not await self._bot.desk.answers.in_charge():
            return
        try:
            for kept in await get_plays(self._bot).list_pending():
                if self._bot.serves(kept.guild_id):
                    await advance_uncounted(self._bot, kept, kept.user_id, notify=False)
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("plays are left for later: %s", type(error).__name__)
        except Exception:  # One that cannot go on must not keep the others waiting.
            log.exception("plays are left for later")
