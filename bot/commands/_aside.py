"""What is asked of a model beside requests for texts: let in as those are, and counted, though nothing of it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.client import Interaction, member_of
from bot.content import Request
from bot.engines import Engine
from bot.engines.spending import spending


@asynccontextmanager
async def asked_aside(interaction: Interaction, kind: str, engine: Engine) -> AsyncIterator[None]:
    """Lets whoever acts ask an engine for something of a kind, and counts what that has used.

    Raises:
        LimitError: more was asked for than is made in a while, or than the server gives.
        RefusedError: whoever asks may not in that server.
    """
    request = Request(
        str(interaction.id), str(interaction.user.id), "", kind=kind,
        guild_id=str(interaction.guild_id or ""), channel_id=str(interaction.channel_id or ""),
    )  # fmt: skip
    desk = interaction.client.desk
    await desk.door.admit(
        request, member_of(interaction.user), interaction.client.is_under_way,
        pending=lambda: desk.jobs.pending(request.user_id),
    )  # fmt: skip
    with spending() as cost:
        try:
            yield
        finally:
            await desk.answers.count_aside(request, cost, kind, engine.name)
