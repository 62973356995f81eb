"""What a message in a conversation stands for: a new text, a change of each earlier text that is meant, or files of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.content import Checkpoint, Request
from bot.exports import find_named_formats
from bot.generation.conversation import CHANGE, FILE, Intent, add_versions
from bot.kinds import load_kinds
from storage.generations import Generation, Generations

from .changes import build_change_request
from .routing import Routing


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a message stands for: `requests`, that of its own id last, or earlier results that it wants `as_files`."""

    requests: list[Request] = field(default_factory=list)
    as_files: list[Generation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Conversations:
    """Resolves messages with the model's help; where it does not say, the classifier decides about the first text."""

    generations: Generations
    routing: Routing

    async def resolve(self, request: Request, checkpoint: Checkpoint) -> Resolution:
        """Return what a message stands for: a new text, of no kind yet where it is unclear, changes, or files.

        Raises:
            RefusedError: moderation refuses the message.
        """
        names_file = bool(find_named_formats(request.brief))
        intent = await self.routing.find_intent(request.brief, request.earlier, checkpoint, names_file=names_file)
        if intent is None and request.begins_anew:
            return Resolution([replace(request, earlier="", about=())])
        meant = await self._load_meant(request, intent)
        if intent is None:
            is_change = bool(meant) and await self.routing.is_change(request.brief)
            intent = Intent(CHANGE if is_change else (await self.routing.guess(request.brief)).kind or "")
        if intent.name == CHANGE and meant:
            # The newest text takes the message's own id, and is answered last.
            ids = [request.id, *(f"{request.id}-{number}" for number in range(2, len(meant) + 1))]
            changes = [await self._build_change(request, one, id_) for one, id_ in zip(meant, ids, strict=True)]
            return Resolution(changes[::-1])
        if intent.name == FILE and meant:
            return Resolution(as_files=meant)
        kind = intent.name if intent.name in load_kinds() else None
        return Resolution([replace(request, kind=kind, earlier="" if intent.numbers == (0,) else request.earlier)])

    async def _load_meant(self, request: Request, intent: Intent | None) -> list[Generation]:
        """Return the results with the numbers that were named, the first one without a number."""
        numbers = [number for number in (intent.numbers if intent else ()) if 0 < number <= len(request.about)]
        ids = [request.about[number - 1] for number in sorted(numbers)] or request.about[:1]
        generations = [await self.generations.get(one, request.user_id) for one in ids]
        return [one for one in generations if one is not None and one.text]

    async def _build_change(self, request: Request, about: Generation, request_id: str) -> Request:
        versions = await self.generations.list_versions(request.user_id, about.id)
        older = [one.text for one in versions if one.created_at < about.created_at]
        return replace(
            build_change_request(about, request_id, note=request.brief),
            earlier=add_versions(request.earlier, older),
            guild_id=request.guild_id,
            channel_id=request.channel_id,
            thread_of=request.thread_of,
            asked=request.asked,
            locale=request.locale,
            material=request.material or about.request.get("material", ""),
        )
