"""Routing as the bot does it: words at once, embeddings when they are loaded, and a capable model where there is one."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.checks.terms import has_term, normalise
from bot.content import Checkpoint, Kind, run_directly
from bot.engines import Ask, Engines
from bot.engines.embeddings import Embeddings
from bot.errors import EngineError
from bot.generation.route import COLUMNS, EMBEDDING_WEIGHT, RIDGE, Route, Router
from bot.generation.sheet import strip_tags
from bot.kinds import all_kinds, of_family
from bot.moderation.seam import Moderation

if TYPE_CHECKING:
    pass

log = logging.getLogger(__name__)

# What a message in a conversation asks for that asks for no new text.
CHANGE = "change"
_QUESTION = "Which one of these does the message ask for? Answer with its name alone, or with unsure.\n{kinds}\n\nMessage:\n{text}"
_GOES_ON = (
    "Somebody goes on in a conversation. What do they ask for now? Answer with one of these names alone.\n"
    f"{CHANGE}: another version of the last text: shorter, a correction, a detail more or less, another tone or language, back to an "
    "earlier one.\n"
    "{kinds}\n\nThe conversation so far:\n{earlier}\n\nMessage:\n{text}"
)
_MAX_ASKED, _MAX_EARLIER = 1500, 4000
# What people call texts of a kind beside its title.
_CALLED = {
    "social_post": ("post", "tweet", "toot", "skeet", "pin", "caption"),
    "email": ("mail", "e-mail"),
}
# The kind of any text.
_ANY = "text"
# What a family's command makes of a text that sounds like another thing.
_USUAL = {"marketing": "social_post", "education": "explanation", "image": "image_prompt"}
# Words for what a family makes, in English, German, French, Spanish and Portuguese.
_FAMILY_NAMED = {
    "image": re.compile(
        r"\b(?:image|picture|photo|pic|illustration|drawing|painting|visual|graphic|artwork|poster|banner|cover|logo|icon"
        r"|wallpaper|thumbnail|sticker|mock-?up|wireframe|layout|flyer|render|sketch|bild|foto|illustration|grafik|zeichnung|plakat|gemälde"
        r"|imagen|ilustración|dibujo|cartel|affiche|dessin|peinture|imagem|ilustração|desenho|cartaz)(?:s|e|er|es|n|en)?\b",
        re.IGNORECASE,
    )
}


class Routing:
    """Finds the kind of a free text. `embeddings` None decides by words, and by the engine where that is capable."""

    def __init__(
        self,
        engines: Engines,
        embeddings: Embeddings | None = None,
        cache: Path | None = None,
        moderation: Moderation | None = None,
    ) -> None:
        self._engines, self._embeddings, self._cache = engines, embeddings, cache
        self._moderation = moderation or Moderation()
        self._router: Router | None = None
        self._lock = asyncio.Lock()

    async def warm(self) -> None:
        """Trains the classifier, and loads the embeddings where they are wanted. Apart and in threads; takes some seconds."""
        await self._trained()
        if self._embeddings is None:
            return
        try:
            await asyncio.to_thread(self._embeddings.load)
            self._router = await self._restored(self._embeddings) or await asyncio.to_thread(_train, self._embeddings)
        except EngineError as error:
            if not self._embeddings.ended:
                log.warning("routing by words alone: %s", error)

    async def find(
        self, text: str, family: str = "", checkpoint: Checkpoint = run_directly, *, usual: str = ""
    ) -> dict[str, Any]:
        """{"kind": name or None, "confidence", "candidates"} for a text.

        Within a family there is always a kind, unless the text clearly asks for another thing: then the candidates are
        that and the family's usual kind, the last one. Where one of its kinds is `usual`, it is that unless the text names
        another. What the engine was asked for is a step of its own; the classifier
        says the same again for nothing.

        Raises:
            RefusedError: moderation refuses the text.
        """
        await self._moderation.screen(text, kind="route", checkpoint=checkpoint)
        route = await self.guess(text)
        if family:
            within = [kind.name for kind in of_family(family)]
            best = next((name for name, _ in route.shares if name in within), "")
            best = best or next((name for name in route.candidates if name in within), within[-1])
            if usual in within and not (_named(text) - {usual}) & set(within):
                best = usual
            if others := elsewhere(text, family, route):
                last = usual or _USUAL.get(family, best)
                return {"kind": None, "confidence": route.confidence, "candidates": [*others, last]}
            return {"kind": best, "confidence": route.confidence, "candidates": within}
        if route.kind is None and route.candidates and self._engines.first.can_be_asked:
            named = await checkpoint("route", lambda: self._ask(text))
            route = Route(named, route.confidence, tuple(dict.fromkeys(filter(None, (named, *route.candidates)))))
        # What no kind covers is written as it is asked for; only what says nothing is asked about.
        kind = route.kind or (_ANY if route.candidates else None)
        return {"kind": kind, "confidence": route.confidence, "candidates": list(route.candidates)}

    @property
    def asks(self) -> bool:
        """Whether a capable model can be asked what a message is meant for."""
        return self._engines.first.can_be_asked

    async def meant(self, text: str, earlier: str, checkpoint: Checkpoint = run_directly) -> str | None:
        """What a message asks for that goes on from what came earlier: a kind, or `CHANGE`; None where the engine names neither.

        Raises:
            RefusedError: moderation refuses the text.
        """
        await self._moderation.screen(text, kind="route", checkpoint=checkpoint)
        named: str | None = await checkpoint("route", lambda: self._ask(text, earlier))
        return named

    async def guess(self, text: str) -> Route:
        """Where a text goes by the classifier alone."""
        router = await self._trained()
        return await asyncio.to_thread(router.route, text) if router.has_embeddings else router.route(text)

    async def _trained(self) -> Router:
        async with self._lock:
            if self._router is None:
                restored = await self._restored()
                self._router = restored if restored is not None else await asyncio.to_thread(_train)
            return self._router

    async def _restored(self, embeddings: Embeddings | None = None) -> Router | None:
        """The classifier from the cache, of words or of their meaning too; a process of its own trains it first where it is not there.

        Training takes hundreds of megabytes, which a process that has ended gives back and this one would keep.
        """
        if self._cache is None:
            return None
        file = self._cache / f"router-{_digest(all_kinds(), meaning=embeddings is not None)}.f32"
        if not file.is_file():
            # What it says of a folder that cannot be written is nobody's to read: training again here needs none.
            silence = asyncio.subprocess.DEVNULL
            meaning = ["meaning"] if embeddings else []
            trainer = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__, str(file), *meaning, stderr=silence
            )
            try:
                await trainer.wait()
            except asyncio.CancelledError:  # Whoever stops while it trains leaves nothing running behind.
                trainer.kill()
                await trainer.wait()
                raise
        try:
            return Router.restore(list(all_kinds()), file.read_bytes(), embeddings.embed if embeddings else None)
        except (OSError, ValueError):
            return None

    async def _ask(self, text: str, earlier: str = "") -> str | None:
        """The kind that the engine names for a text, None where it names none or fails. `earlier` is what it goes on from."""
        from langchain_core.messages import HumanMessage

        kinds = "\n".join(f"{kind.name}: {kind.description}" for kind in all_kinds().values())
        question = _GOES_ON if earlier else _QUESTION
        asked = question.format(kinds=kinds, text=text[:_MAX_ASKED], earlier=strip_tags(earlier[-_MAX_EARLIER:]))
        ask = Ask([HumanMessage(asked)], None, 40, 20, 0, 0.0)
        try:
            said = await self._engines.attempt(lambda engine: engine.complete(ask))
        except EngineError:
            return None
        plain = said.replace("_", " ")
        if earlier and has_term(plain, CHANGE):
            return CHANGE
        return next((name for name in all_kinds() if has_term(plain, name.replace("_", " "))), None)


def elsewhere(text: str, family: str, route: Route) -> tuple[str, ...]:
    """The kinds that a text given to a family's command clearly asks for instead; empty where the family may be meant."""
    if family in _FAMILY_NAMED and _FAMILY_NAMED[family].search(text):
        return ()
    return route.find_other_kinds([kind.name for kind in of_family(family)], _named(text))


def _named(text: str) -> set[str]:
    """The kinds that a text calls by a name."""
    plain = normalise(text[:_MAX_ASKED])
    return {kind.name for kind in all_kinds().values() if any(_calls(plain, name) for name in _names(kind))}


def _names(kind: Kind) -> tuple[str, ...]:
    return (kind.title, kind.name.replace("_", " "), *_CALLED.get(kind.name, ()))


def _calls(plain: str, name: str) -> bool:
    return has_term(plain, name) or has_term(plain, f"{name}s")


def _digest(kinds: Mapping[str, Kind], *, meaning: bool) -> str:
    """Tells one training from another: the utterances and the settings that they are trained with."""
    phrases = [[name, kind.utterances] for name, kind in kinds.items()]
    settings = [COLUMNS, RIDGE, EMBEDDING_WEIGHT if meaning else 0]
    return hashlib.sha256(json.dumps([settings, phrases]).encode()).hexdigest()[:24]


def _train(embeddings: Embeddings | None = None) -> Router:
    """The classifier of words, and with embeddings of their meaning too."""
    embed = embeddings.embed if embeddings else None
    return Router({name: kind.utterances for name, kind in all_kinds().items()}, embed)


def _keep_trained(file: Path, embeddings: Embeddings | None) -> None:
    """Trains the classifier and keeps its weights."""
    weights = _train(embeddings).weights.tobytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_bytes(weights)
    part.replace(file)


if __name__ == "__main__":
    _keep_trained(Path(sys.argv[1]), Embeddings() if len(sys.argv) > 2 else None)
