"""What came before a message: the result it is about, and what its author and the bot said there in the last hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.client import QuillmateBot
from bot.content import Request
from bot.generation.route import Route
from bot.generation.sheet import conversation
from bot.kinds import all_kinds
from bot.requests.changes import changed_request
from storage.generations import Generation

# What was said longer ago is another conversation.
_LATELY = timedelta(hours=1)
# So many turns are remembered, and characters of each text.
_MOST_TURNS, _MOST_TEXT = 3, 1_500
# Results of somebody that are looked through for those of one place.
_LOOKED_AT = 10
# How sure a kind has to be that a wish about a result of another kind is for a new text.
_SURE = 0.5
# Kinds whose wishes are about a text that is there.
_ABOUT_A_TEXT = ("rewrite", "chat")


async def lately(bot: QuillmateBot, user_id: str, channel_id: str) -> list[Generation]:
    """What was made for somebody in a place in the last hour, the newest first. Nothing of anybody else."""
    newest = await bot.app.results.newest(user_id, _LOOKED_AT)
    since = datetime.now(UTC) - _LATELY
    here = (one for one in newest if one.channel_id == channel_id and one.created_at >= since and one.text)
    return list(here)[:_MOST_TURNS]


def is_change(route: Route, about: Generation, *, replied: bool) -> bool:
    """Whether a message is a wish about a result: a reply is, unless it clearly asks for a text of another kind; another message is
    where it asks for no kind of its own.
    """
    if route.kind is None or route.kind in _ABOUT_A_TEXT:
        return True
    if not replied:
        return False
    return route.kind == about.kind or route.confidence < _SURE


def following(request: Request, turns: Sequence[Generation], route: Route, *, replied: bool) -> Request:
    """A message as a request: a change of the result that it is about, or a new text whose writer knows what came before."""
    if not turns:
        return request
    about = turns[0]
    if about.kind in all_kinds() and is_change(route, about, replied=replied):
        return replace(changed_request(about, request.id, note=request.brief), file=request.file)
    came_before = [(str(one.request.get("brief", "")), one.text[:_MOST_TEXT]) for one in reversed(turns)]
    return replace(request, earlier=conversation(came_before))
