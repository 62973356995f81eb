"""Continues plays and interviews that have expired, or that an earlier process left unfinished."""

from __future__ import annotations

import logging

import aiohttp
import discord

from bot.errors import QuillmateError
from bot.interactions.periodic import PeriodicCog
from bot.interactions.stage.views import advance_uncounted

log = logging.getLogger(__name__)
# Interval between checks.
LOOK_SECONDS = 60.0


class PendingPlays(PeriodicCog):
    """Continues pending plays; failures are retried in a later run."""

    SECONDS = LOOK_SECONDS

    async def run_once(self) -> None:
        """Continue all pending plays, if this process is in charge of its slot."""
        if self._bot.stopping or not await self._bot.desk.answers.holds_lease():
            return
        try:
            for record in await self._bot.app.stage_records.list_pending():
                if self._bot.serves(record.guild_id):
                    await advance_uncounted(self._bot, record, record.user_id, notify=False)
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("plays will be retried later: %s", type(error).__name__)
        except Exception:  # A play that fails must not keep the others waiting.
            log.exception("plays will be retried later")
