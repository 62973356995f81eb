"""What people's documents say: split into passages, embedded, and searched for each request."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.checks.harm import refuse_harm
from bot.checks.language import language
from bot.checks.terms import norm
from bot.content import Passage, Request
from bot.engines.embeddings import Embeddings
from bot.errors import EngineError, FileError
from bot.kinds import kind_named
from bot.materials import read_pages
from storage.documents import Document, Documents, Part
from storage.owned import Owned

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Words of a passage: what a reader takes in at once, and what the embeddings were trained on (256 word pieces).
USUAL_WORDS, MOST_WORDS = 150, 200
MOST_FOUND = 4
MOST_NAME = 80
# From 0 to 1: what a passage has to reach to bear on a request. docs/voices.md tells how they were found.
NEAR = 0.25
OVERLAPPING = 0.3
_OVERLAP_WEIGHT = 0.3
# BM25's usual parameters (Robertson, Zaragoza 2009).
_K1, _B = 1.2, 0.75
# Zipf frequency (log10 of occurrences in a billion words) of words that are in every text.
_COMMON = 6.0

_HEADING = re.compile(r"#{1,6}\s+(.*)")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+")
_WORD = re.compile(r"[^\W_]+")
# Families whose texts say things about the world that a document may know better.
_FAMILIES = ("marketing", "education", "media", "text", "chat")


def split(pages: Sequence[str]) -> list[Part]:
    """The passages of a document's pages, of about 150 words and at most 200, each with its page and section.

    A heading begins a new passage; a passage does not go on over the end of a page. Pages are numbered where there are
    several.
    """
    parts, section = [], ""
    for number, page in enumerate(pages, 1):
        held: list[str] = []
        for block in re.split(r"\n\s*\n|\n(?=#{1,6}\s)|(?<=\n)(?=#{1,6}\s)", page):
            lines = block.strip().splitlines()
            if lines and (heading := _HEADING.fullmatch(lines[0].strip())):
                parts += _closed(held, number, section, pages)
                held, section, lines = [], heading[1].strip()[:100], lines[1:]
            for piece in _bounded("\n".join(lines)):
                if held and _count(held) + _count([piece]) > USUAL_WORDS:
                    parts += _closed(held, number, section, pages)
                    held = []
                held.append(piece)
        parts += _closed(held, number, section, pages)
    return parts


def _closed(held: Sequence[str], page: int, section: str, pages: Sequence[str]) -> list[Part]:
    text = "\n".join(held).strip()
    return [Part(text, page if len(pages) > 1 else 0, section)] if text else []


def _bounded(block: str) -> Iterable[str]:
    """A block in pieces of at most 200 words: between lines, then sentences, then words."""
    if _count([block]) <= MOST_WORDS:
        return [block.strip()] if block.strip() else []
    for pattern, joint in ((r"\n", "\n"), (_SENTENCE_END, " "), (r"\s+", " ")):
        pieces = [piece for piece in re.split(pattern, block) if piece.strip()]
        if len(pieces) > 1 and (joint == " " or all(_count([piece]) <= MOST_WORDS for piece in pieces)):
            break
    joined: list[str] = []
    held: list[str] = []
    for piece in pieces:
        inner = [piece] if _count([piece]) <= MOST_WORDS else _words_apart(piece)
        for one in inner:
            if held and _count(held) + _count([one]) > USUAL_WORDS:
                joined.append(joint.join(held))
                held = []
            held.append(one)
    return [*joined, joint.join(held)]


def _words_apart(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[at : at + USUAL_WORDS]) for at in range(0, len(words), USUAL_WORDS)]


def _count(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)


def overlap(query: str, texts: Sequence[str], spoken: str = "en") -> list[float]:
    """How much of what a query is about each text holds, from 0 to 1: its BM25 score, of that of a text that holds all.

    A word weighs by how rare it is in the language `spoken` (ISO 639-1), since a few passages tell nothing of that. Words of
    three letters or fewer do not count unless they have a digit; a plural counts as its singular.
    """
    wanted, documents = set(_terms(query)), [Counter(_terms(text)) for text in texts]
    weights = {term: _rarity(term, spoken) for term in wanted}
    most = sum(weights.values())
    if not most or not documents:
        return [0.0] * len(texts)
    usual = sum(map(Counter.total, documents)) / len(documents) or 1.0
    scores = []
    for document in documents:
        damping = _K1 * (1 - _B + _B * document.total() / usual)
        scores.append(
            sum(weights[t] * document[t] * (_K1 + 1) / (document[t] + damping) for t in wanted if document[t])
        )
    return [min(1.0, score / most) for score in scores]


def _terms(text: str) -> list[str]:
    found = _WORD.findall(norm(text))
    return [re.sub(r"(?<=\w{3}[^s])s$", "", word) for word in found if len(word) > 3 or any(map(str.isdigit, word))]


def _rarity(word: str, spoken: str) -> float:
    """0 for the commonest words, such as "what", growing with the square of the orders of magnitude below them."""
    from wordfreq import zipf_frequency

    try:
        usual = zipf_frequency(word, spoken)
    except LookupError:
        usual = zipf_frequency(word, "en")
    return max(0.0, _COMMON - usual) ** 2


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Documents as they are asked. `embeddings` None searches by words alone."""

    documents: Documents
    embeddings: Embeddings | None = None

    async def add(self, user_id: str, scope: str, name: str, body: bytes, content_type: str = "") -> Owned[Document]:
        """Reads, splits, embeds and keeps a document; one of the same name and owner is replaced.

        Raises:
            FileError: it cannot be read.
            RefusedError: it asks for harm.
            StorageError: its owner has as many documents as are kept.
        """
        pages = await read_pages(name, body, content_type)
        refuse_harm("\n".join(pages))
        parts = split(pages)
        if not parts:
            raise FileError("There is no text in that file. If it is a scan, copy the text you need into a .txt file.")
        parts = await asyncio.to_thread(self._with_vectors, parts)
        shown = source_name(name)
        document = Document(shown, len(pages) if len(pages) > 1 else 0, len(parts))
        older = [one for one in await self.documents.all(user_id) if one.user_id == user_id and one.value.name == shown]
        kept = await self.documents.add_whole(user_id, document, parts, scope)
        for one in older:
            await self.documents.delete(user_id, one.id)
        return kept

    async def find(self, request: Request) -> tuple[Passage, ...]:
        """The passages that bear on a request, best first; none for kinds that are written from their own material."""
        kind = kind_named(request.kind) if request.kind else None
        if kind and (kind.needs_text or kind.family not in _FAMILIES):
            return ()
        query = "\n".join(filter(None, (request.brief, *request.notes)))
        return tuple((await self.search(request.user_id, request.scopes, query))[:MOST_FOUND])

    async def search(self, user_id: str, scopes: Sequence[str], query: str) -> list[Passage]:
        """The passages of the person's documents and those lent to the scopes that bear on a query, best first."""
        found = await self.documents.passages(user_id, scopes)
        return await asyncio.to_thread(self._ranked, found, query) if found else []

    def _ranked(self, found: Sequence[tuple[str, Part]], query: str) -> list[Passage]:
        texts = [f"{part.section}\n{part.text}" for _, part in found]
        shared = overlap(query, texts, language(query) or "en")
        near = self._nearness([part.vector for _, part in found], query)
        if near is None:
            scores, least = shared, OVERLAPPING
        else:
            scores = [float(n) + _OVERLAP_WEIGHT * s for n, s in zip(near, shared, strict=True)]
            least = NEAR
        order = sorted(range(len(found)), key=lambda at: -scores[at])
        return [_passage(*found[at]) for at in order if scores[at] >= least]

    def _nearness(self, vectors: Sequence[bytes], query: str) -> NDArray[np.float32] | None:
        """Cosines of a query with passages; None where they are not to be had, or not of all."""
        import numpy as np

        if self.embeddings is None or not all(vectors):
            return None
        try:
            asked = self.embeddings.embed([query])[0]
        except EngineError:
            return None
        matrix = np.frombuffer(b"".join(vectors), dtype=np.float32).reshape(len(vectors), -1)
        return matrix @ asked if matrix.shape[1] == len(asked) else None

    def _with_vectors(self, parts: Sequence[Part]) -> list[Part]:
        if self.embeddings is None:
            return list(parts)
        try:
            vectors = self.embeddings.embed([f"{part.section}\n{part.text}".strip() for part in parts])
        except EngineError:
            return list(parts)
        return [Part(p.text, p.page, p.section, v.tobytes()) for p, v in zip(parts, vectors, strict=True)]


def source_name(name: str) -> str:
    """The name of a file as it is shown: one line without marks, at most 80 characters, its ending kept."""
    last = re.split(r"[/\\]", name)[-1]
    plain = " ".join(re.sub(r"[^\w .,()&'+-]", " ", last).split()) or "document"
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: MOST_NAME - len(ending) - 1]}{dot}{ending}" if len(plain) > MOST_NAME else plain


def _passage(name: str, part: Part) -> Passage:
    return Passage(part.text, name, part.page, part.section)
