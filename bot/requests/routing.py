"""Routing in the bot: by words at once, by embeddings once they are loaded, and by a capable model where there is one."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import sys
from collections.abc import Collection, Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.checks.terms import has_term, normalise
from bot.content import Checkpoint, Kind, run_directly
from bot.engines import Ask, Engines
from bot.engines.embeddings import Embeddings
from bot.errors import EngineError
from bot.generation.conversation import CHANGE, FILE, Intent, parse_numbers
from bot.generation.fences import strip_tags
from bot.generation.route import ASK_BELOW, COLUMNS, EMBEDDING_WEIGHT, RIDGE, Route, Router
from bot.kinds import list_family_kinds, load_kinds
from bot.moderation.seam import Moderation

log = logging.getLogger(__name__)

_PROMPT = "Which one of these does the message ask for? Answer with its name alone, or with unsure.\n{kinds}\n\nMessage:\n{text}"
_CONTINUATION_PROMPT = (
    "Somebody goes on in a conversation. What do they ask for now? Answer with one of these names and the numbers of the earlier "
    f"texts that it is about, as in “{CHANGE} 1”, “{CHANGE} 1, 2” or “email 1”, or with 0 behind the name where it has nothing to "
    "do with them.\n"
    f"{CHANGE}: another version of each of these texts: shorter, a correction, a detail more or less, another tone or language, back "
    "to an earlier one. One text made of several is a new one.\n"
    "{file}{kinds}\n\nThe conversation so far; text 1 is the newest, or the one that they reply to:\n{earlier}\n\nMessage:\n{text}"
)
_FILE_INTENT = f"{FILE}: one of these texts as it is, as a file such as Word or PDF.\n"
_MAX_TEXT, _MAX_EARLIER = 1500, 12_000
# Below these shares, of a family among all and of a kind in its family, a capable model is asked for the kind.
_MIN_FAMILY_SHARE, _MIN_KIND_SHARE = 0.1, 0.5
# Other names that users have for texts of a kind.
_KIND_SYNONYMS = {
    "social_post": ("post", "tweet", "toot", "skeet", "pin", "caption"),
    "email": ("mail", "e-mail", "newsletter"),
}
# The share from which a message is taken for a change of an earlier text (python -m benchmarks.intents).
_MIN_CHANGE_SHARE = 0.08
# The kind that any text fits.
_FALLBACK_KIND = "text"
# The kind that a family's command makes when the text sounds like another family's.
_FAMILY_DEFAULTS = {"marketing": "social_post", "education": "explanation", "image": "image_prompt"}
# Words for a family's output in English, German, French, Spanish and Portuguese.
_FAMILY_PATTERNS = {
    "image": re.compile(
        r"\b(?:image|picture|photo|pic|illustration|drawing|painting|visual|graphic|artwork|poster|banner|cover|logo|icon"
        r"|wallpaper|thumbnail|sticker|mock-?up|wireframe|layout|flyer|render|sketch|bild|foto|illustration|grafik|zeichnung|plakat|gemälde"
        r"|imagen|ilustración|dibujo|cartel|affiche|dessin|peinture|imagem|ilustração|desenho|cartaz)(?:s|e|er|es|n|en)?\b",
        re.IGNORECASE,
    )
}


class Routing:
    """Finds the kind of a free text. With `embeddings` None it decides by words, and by the engine where that is
    capable.
    """

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
        """Train the classifier and load the embeddings where wanted. Runs in threads and a subprocess; takes some
        seconds.
        """
        await self._get_router()
        if self._embeddings is None:
            return
        try:
            await asyncio.to_thread(self._embeddings.load)
            self._router = await self._restore_router(self._embeddings) or await asyncio.to_thread(
                _train_router, self._embeddings
            )
        except EngineError as error:
            if not self._embeddings.is_stopped:
                log.warning("routing by words only: %s", error)

    async def find(
        self, text: str, family: str = "", checkpoint: Checkpoint = run_directly, *, usual: str = ""
    ) -> dict[str, Any]:
        """Return {"kind": name or None, "confidence", "candidates"} for a text.

        Within a family there is always a kind, unless the text clearly asks for something else: then the candidates
        are that and the family's default kind, last. When one of its kinds is the `usual` one, that is chosen unless
        the text names another. The engine's answer is a checkpoint; the classifier costs nothing, and knows more once
        the embeddings are loaded, so a resumed request may take other steps.

        Raises:
            RefusedError: moderation refuses the text.
        """
        await self._moderation.screen(text, kind="route", checkpoint=checkpoint)
        route = await self.guess(text)
        if family:
            within = [kind.name for kind in list_family_kinds(family)]
            best = next((name for name, _ in route.shares if name in within), "")
            best = best or next((name for name in route.candidates if name in within), within[-1])
            if others := elsewhere(text, family, route):
                last = usual or _FAMILY_DEFAULTS.get(family, best)
                return {"kind": None, "confidence": route.confidence, "candidates": [*others, last]}
            if usual in within and not (_find_named_kinds(text) - {usual}) & set(within):
                best = usual
            elif _is_unsure(route, best, within):
                best = await self._ask_kind(text, checkpoint, within) or best
            return {"kind": best, "confidence": route.confidence, "candidates": within}
        if route.candidates and route.confidence < ASK_BELOW and self.can_ask:
            named = await self._ask_kind(text, checkpoint, load_kinds())
            candidates = dict.fromkeys(filter(None, (named, *route.candidates)))
            route = Route(named or route.kind, route.confidence, tuple(candidates))
        # A text that fits no kind is written as free text; only an empty one leads to a question.
        kind = route.kind or (_FALLBACK_KIND if route.candidates else None)
        return {"kind": kind, "confidence": route.confidence, "candidates": list(route.candidates)}

    async def _ask_kind(self, text: str, checkpoint: Checkpoint, names: Collection[str]) -> str | None:
        """Return which of these kinds a capable model says that a text asks for; None without one, or where it is unsure."""
        if not self.can_ask:
            return None
        prompt = _PROMPT.format(kinds=_list_kinds(names), text=text[:_MAX_TEXT])
        named = _find_kind(str(await checkpoint("route", lambda: self._ask_engine(prompt)) or ""))
        return named if named in names else None

    @property
    def can_ask(self) -> bool:
        """Whether the model can be asked what a message is meant for, rather than the classifier alone."""
        return self._engines.first.can_answer_questions

    async def is_change(self, text: str) -> bool:
        """Return by the classifier whether a message asks for a change of an earlier text, rather than for a new one."""
        route = await self.guess(text, without="")
        return dict(route.shares).get(CHANGE, 0.0) >= _MIN_CHANGE_SHARE

    async def find_intent(
        self, text: str, earlier: str, checkpoint: Checkpoint = run_directly, *, names_file: bool = False
    ) -> Intent | None:
        """Return what a follow-up message asks for, None where the engine does not say. It may be a file only if the text
        `names_file`.

        Raises:
            RefusedError: moderation refuses the text.
        """
        await self._moderation.screen(text, kind="route", checkpoint=checkpoint)
        prompt = _CONTINUATION_PROMPT.format(
            file=_FILE_INTENT if names_file else "",
            kinds=_list_kinds(load_kinds()),
            text=text[:_MAX_TEXT],
            earlier=strip_tags(earlier[-_MAX_EARLIER:]),
        )
        answer = str(await checkpoint("route", lambda: self._ask_engine(prompt)) or "")
        intents = (CHANGE, FILE) if names_file else (CHANGE,)
        name = next((intent for intent in intents if has_term(answer, intent)), None) or _find_kind(answer)
        return Intent(name, parse_numbers(answer)) if name else None

    async def guess(self, text: str, without: str = CHANGE) -> Route:
        """Return the route of a text by the classifier only, `without` one of its names."""
        router = await self._get_router()
        if not router.has_embeddings:
            return router.route(text, without)
        return await asyncio.to_thread(router.route, text, without)

    async def _get_router(self) -> Router:
        async with self._lock:
            if self._router is None:
                restored = await self._restore_router()
                self._router = restored if restored is not None else await asyncio.to_thread(_train_router)
            return self._router

    async def _restore_router(self, embeddings: Embeddings | None = None) -> Router | None:
        """Return the cached classifier, of words or also of meaning; a subprocess trains it first where it is missing.

        Training takes hundreds of megabytes, which a process that ends gives back and this one would retain.
        """
        if self._cache is None:
            return None
        file = self._cache / f"router-{_hash_training_data(meaning=embeddings is not None)}.f32"
        if not file.is_file():
            # Its errors about an unwritable cache are of no use: training in this process needs no cache.
            silence = asyncio.subprocess.DEVNULL
            meaning = ["meaning"] if embeddings else []
            trainer = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__, str(file), *meaning, stderr=silence
            )
            try:
                await trainer.wait()
            except asyncio.CancelledError:  # Leave no subprocess running.
                trainer.kill()
                await trainer.wait()
                raise
        try:
            return Router.restore(list(load_utterances()), file.read_bytes(), embeddings.embed if embeddings else None)
        except (OSError, ValueError):
            return None

    async def _ask_engine(self, prompt: str) -> str:
        """Return the engine's short answer to a prompt, empty where it fails."""
        from langchain_core.messages import HumanMessage

        ask = Ask([HumanMessage(prompt)], None, 40, 20, 0, 0.0)
        try:
            return await self._engines.attempt(lambda engine: engine.complete(ask))
        except EngineError:
            return ""


def _list_kinds(names: Iterable[str]) -> str:
    """List the kinds of these names for a model to choose from."""
    kinds = load_kinds()
    return "\n".join(f"{name}: {kinds[name].description}" for name in names)


def _find_kind(answer: str) -> str | None:
    """Return the kind that an engine's answer names, None where it names none."""
    plain = answer.replace("_", " ")
    return next((name for name in load_kinds() if has_term(plain, name.replace("_", " "))), None)


def elsewhere(text: str, family: str, route: Route) -> tuple[str, ...]:
    """Return the kinds that a text given to a family's command clearly asks for instead; empty where the family may be
    meant.
    """
    if family in _FAMILY_PATTERNS and _FAMILY_PATTERNS[family].search(text):
        return ()
    return route.find_other_kinds([kind.name for kind in list_family_kinds(family)], _find_named_kinds(text))


def _is_unsure(route: Route, best: str, within: Collection[str]) -> bool:
    """Return whether the best kind of a family is a guess: of 360 labelled texts 18 % are, among them 20 of the 25 wrong ones."""
    shares = dict(route.shares)
    total = sum(shares.get(name, 0.0) for name in within)
    return total < _MIN_FAMILY_SHARE or shares.get(best, 0.0) < _MIN_KIND_SHARE * total


def _find_named_kinds(text: str) -> set[str]:
    """Return the kinds that a text mentions by name."""
    plain = normalise(text[:_MAX_TEXT])
    return {kind.name for kind in load_kinds().values() if any(_mentions(plain, name) for name in _list_names(kind))}


def _list_names(kind: Kind) -> tuple[str, ...]:
    return (kind.title, kind.name.replace("_", " "), *_KIND_SYNONYMS.get(kind.name, ()))


def _mentions(plain: str, name: str) -> bool:
    return has_term(plain, name) or has_term(plain, f"{name}s")


def load_utterances() -> dict[str, tuple[str, ...]]:
    """Return what the classifier learns from: requests for each kind, and for a `CHANGE` of an earlier text."""
    changes = (files("bot.generation") / "change_utterances.txt").read_text(encoding="utf-8").splitlines()
    return {**{name: kind.utterances for name, kind in load_kinds().items()}, CHANGE: tuple(changes)}


def _hash_training_data(*, meaning: bool) -> str:
    """Return a hash of the utterances and settings that a classifier is trained with."""
    settings = [COLUMNS, RIDGE, EMBEDDING_WEIGHT if meaning else 0]
    return hashlib.sha256(json.dumps([settings, load_utterances()]).encode()).hexdigest()[:24]


def _train_router(embeddings: Embeddings | None = None) -> Router:
    """Train the classifier of words, and with embeddings also of meaning."""
    return Router(load_utterances(), embeddings.embed if embeddings else None)


def _train_and_save(file: Path, embeddings: Embeddings | None) -> None:
    """Train the classifier and save its weights."""
    weights = _train_router(embeddings).weights.tobytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_bytes(weights)
    part.replace(file)


if __name__ == "__main__":
    _train_and_save(Path(sys.argv[1]), Embeddings() if len(sys.argv) > 2 else None)
