"""What came before a message: the result it is about, and what its author and the bot said there in the last hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.client import QuillmateBot
from bot.content import Request
from bot.generation.route import Route
from bot.generation.sheet import format_conversation
from bot.kinds import load_kinds
from bot.requests.changes import build_change_request, is_instruction
from storage.generations import Generation

# What was said longer ago is another conversation.
_LATELY = timedelta(hours=1)
# So many turns are remembered, and characters of each text.
_MAX_TURNS, _MAX_TEXT = 3, 6_000
# Results of somebody that are looked through for those of one place.
_LOOKED_AT = 10


async def lately(bot: QuillmateBot, user_id: str, channel_id: str) -> list[Generation]:
    """What was made for somebody in a place in the last hour, the newest first, which may be a question. Nothing of anybody else."""
    newest = await bot.app.results.list_newest(user_id, _LOOKED_AT, questions=True)
    since = datetime.now(UTC) - _LATELY
    here = [one for one in newest if one.channel_id == channel_id and one.created_at >= since]
    question = [one for one in here[:1] if is_question(one)]
    return [*question, *(one for one in here if one.text)][:_MAX_TURNS]


def is_question(found: Generation) -> bool:
    """Whether it is a request about which its writer asked something, in place of a text."""
    return not found.text and "answers" in found.why


def following(request: Request, turns: Sequence[Generation], route: Route | None, *, replied: bool) -> Request:
    """A message as a request: a change of the result that it is about, or a new text whose writer knows what came before.

    Without a route, which of the two it is stays open: a capable model is asked.
    """
    if not turns:
        return request
    # What was answered to a question in between is no text that a wish is about.
    about = turns[0] if replied else next((one for one in turns if one.kind != "chat"), turns[0])
    if route is not None and about.kind in load_kinds() and is_instruction(route, about, replied=replied):
        return replace(build_change_request(about, request.id, note=request.brief), file=request.file)
    # Of a text that was changed its last version alone.
    older = {one.parent_id for one in turns}
    came_before = [(_asked_for(one), one.text[:_MAX_TEXT]) for one in reversed(turns) if one.id not in older]
    known = route is None and about.kind in load_kinds()
    return replace(request, earlier=format_conversation(came_before), about=about.id if known else "")


def _asked_for(result: Generation) -> str:
    """What led to a result: its brief, and the wishes since."""
    return "\n".join([str(result.request.get("brief", "")), *result.request.get("notes", ())])
