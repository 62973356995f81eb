"""What came before a message: the result it is about, and the turns of its author and the bot there in the last hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.client import QuillmateBot
from bot.content import Request
from bot.generation.conversation import Turn, format_conversation
from bot.generation.route import Route
from bot.kinds import load_kinds
from bot.requests.changes import build_change_request, is_instruction
from storage.generations import Generation

# Older messages belong to another conversation.
_MAX_TURN_AGE = timedelta(hours=1)
# Turns that are remembered, and characters of each text.
_MAX_TURNS, _MAX_TEXT = 3, 6_000
# Results of a user that are searched for those of one place.
_MAX_SCANNED_RESULTS = 10


async def list_recent_turns(bot: QuillmateBot, user_id: str, channel_id: str) -> list[Generation]:
    """Return a user's results and questions in a place in the last hour, newest first, of each text its newest version.

    Nothing of other users.
    """
    newest = await bot.app.results.list_newest(user_id, _MAX_SCANNED_RESULTS, questions=True)
    since = datetime.now(UTC) - _MAX_TURN_AGE
    here = [one for one in newest if one.channel_id == channel_id and one.created_at >= since]
    question = [one for one in here[:1] if is_question(one)]
    changed_ids = {one.parent_id for one in here}
    texts = [one for one in here if one.text and one.id not in changed_ids]
    return [*question, *texts][:_MAX_TURNS]


def is_question(turn: Generation) -> bool:
    """Return whether it is a request for which the writer asked a question instead of writing."""
    return not turn.text and "answers" in turn.why


def build_follow_up(request: Request, turns: Sequence[Generation], route: Route | None, *, replied: bool) -> Request:
    """Turn a message into a request: a change of the result it is about, or a new text whose sheet has the earlier
    turns.

    Without a route the choice is left open: a capable model makes it, and says which of the texts are meant.
    """
    if not turns:
        return request
    # A question and its answer in between are no text that an instruction is about.
    texts = [one for one in turns if one.kind != "chat" or (replied and one is turns[0])] or list(turns[:1])
    texts = [one for one in texts if one.kind in load_kinds()]
    if route is not None and texts and is_instruction(route, texts[0], replied=replied):
        return replace(build_change_request(texts[0], request.id, note=request.brief), file=request.file)
    about = tuple(one.id for one in texts) if route is None else ()
    earlier = [
        Turn(_get_brief(one), one.text[:_MAX_TEXT], about.index(one.id) + 1 if one.id in about else 0)
        for one in reversed(turns)
    ]
    return replace(request, earlier=format_conversation(earlier), about=about)


def _get_brief(result: Generation) -> str:
    """Return the brief of a result and the instructions since."""
    return "\n".join([str(result.request.get("brief", "")), *result.request.get("notes", ())])
