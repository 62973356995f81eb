"""The conversation before a message: the result it is about, and its author's recent turns in the same channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.client import QuillmateBot
from bot.content import Request
from bot.exports import find_named_formats
from bot.generation.conversation import Turn, format_conversation
from bot.kinds import load_kinds
from bot.requests.changes import build_change_request
from bot.requests.routing import Routing
from storage.generations import Generation

# Older messages belong to another conversation.
_MAX_TURN_AGE = timedelta(hours=1)
# Maximum turns in the prompt, and characters of each text.
_MAX_TURNS, _MAX_TEXT_CHARACTERS = 3, 6_000
# Maximum of a user's newest results that are searched for those of the channel.
_MAX_SCANNED_RESULTS = 10


async def list_recent_turns(bot: QuillmateBot, user_id: str, channel_id: str) -> list[Generation]:
    """Return a user's results and questions in a channel in the last hour, newest first, each only in its newest version.

    Other users' results are never included.
    """
    newest = await bot.app.results.list_newest(user_id, _MAX_SCANNED_RESULTS, questions=True)
    since = datetime.now(UTC) - _MAX_TURN_AGE
    recent_turns = [turn for turn in newest if turn.channel_id == channel_id and turn.created_at >= since]
    question = [turn for turn in recent_turns[:1] if is_question(turn)]
    changed_ids = {turn.parent_id for turn in recent_turns}
    texts = [turn for turn in recent_turns if turn.text and turn.id not in changed_ids]
    return [*question, *texts][:_MAX_TURNS]


def is_question(turn: Generation) -> bool:
    """Return whether the writer answered the request with a question instead of a text."""
    return not turn.text and "answers" in turn.why


async def build_follow_up(request: Request, turns: Sequence[Generation], routing: Routing, *, replied: bool) -> Request:
    """Turn a message into a request: a change of the result it is about, or a new text whose sheet has the earlier
    turns.

    A capable model chooses between the two later, and says which texts the message is about; any model says whether a file
    that is named is all that is asked for.
    """
    if not turns:
        return request
    # An instruction is not about an answered question, unless it replies to that answer.
    texts = [turn for turn in turns if turn.kind != "chat" or (replied and turn is turns[0])] or list(turns[:1])
    texts = [text for text in texts if text.kind in load_kinds()]
    about = tuple(text.id for text in texts)
    if not routing.can_ask:
        is_change = bool(texts) and await routing.is_change(request.brief)
        names_file = bool(find_named_formats(request.brief))
        if is_change and not names_file:
            return replace(build_change_request(texts[0], request.id, note=request.brief), file=request.file)
        if request.begins_anew and not is_change:
            return request
        about = about[:1] if is_change else ()
    earlier = [
        Turn(_get_brief(turn), turn.text[:_MAX_TEXT_CHARACTERS], about.index(turn.id) + 1 if turn.id in about else 0)
        for turn in reversed(turns)
    ]
    return replace(request, earlier=format_conversation(earlier), about=about)


def _get_brief(result: Generation) -> str:
    """Return the brief of a result and the instructions that followed it."""
    return "\n".join([str(result.request.get("brief", "")), *result.request.get("notes", ())])
