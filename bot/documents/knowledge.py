"""What people's documents say: split into passages, embedded, and searched for each request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.checks.language import identify_language
from bot.content import Passage, Request
from bot.engines.embeddings import Embeddings
from bot.errors import EngineError, FileError, Phrase
from bot.kinds import kind_named
from bot.moderation import refuse
from storage.documents import Document, Documents, Part, Place, Searched
from storage.owned import Owned

from .index import Index, nearness, overlap
from .materials import read_document

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Words of a passage: what a reader takes in at once, and what the embeddings were trained on (256 word pieces).
USUAL_WORDS, MAX_WORDS = 150, 200
MAX_FOUND = 4
MAX_NAME = 80
# Characters of a line that is a piece as it is.
_SHORT_LINE = 100
# From 0 to 1: what a passage has to reach to bear on a request. docs/voices.md tells how they were found.
NEAR = 0.25
OVERLAPPING = 0.3
_OVERLAP_WEIGHT = 0.3

_HEADING = re.compile(r"#{1,6}\s+(.*)")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+")
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
        count = 0
        for block in re.split(r"\n\s*\n|\n(?=#{1,6}\s)", page):
            lines = block.strip().splitlines()
            if lines and lines[0][0] == "#" and (heading := _HEADING.fullmatch(lines[0].strip())):
                parts += _closed(held, number, section, pages)
                held, count, section, lines = [], 0, heading[1].strip()[:100], lines[1:]
            if len(lines) == 1 and len(lines[0]) <= _SHORT_LINE:
                pieces: Iterable[tuple[str, int]] = ((lines[0].strip(), lines[0].count(" ") + 1),)
            else:
                pieces = _bounded("\n".join(lines))
            for piece, size in pieces:
                if held and count + size > USUAL_WORDS:
                    parts += _closed(held, number, section, pages)
                    held, count = [], 0
                held.append(piece)
                count += size
        parts += _closed(held, number, section, pages)
    return parts


def _closed(held: Sequence[str], page: int, section: str, pages: Sequence[str]) -> list[Part]:
    text = "\n".join(held).strip()
    return [Part(text, page if len(pages) > 1 else 0, section)] if text else []


def _bounded(block: str) -> Iterable[tuple[str, int]]:
    """A block in pieces of at most 200 words, each with how many: between lines, then sentences, then words."""
    words = _count([block])
    if words <= MAX_WORDS:
        return [(block.strip(), words)] if words else []
    for pattern, joint in ((r"\n", "\n"), (_SENTENCE_END, " ")):
        pieces = [(piece, size) for piece in re.split(pattern, block) if (size := len(piece.split()))]
        if len(pieces) > 1 and (joint == " " or all(size <= MAX_WORDS for _, size in pieces)):
            break
    else:
        return [(piece, _count([piece])) for piece in _words_apart(block)]
    joined: list[tuple[str, int]] = []
    held: list[str] = []
    count = 0
    for whole, words in pieces:
        for one in [whole] if words <= MAX_WORDS else _words_apart(whole):
            size = words if one is whole else _count([one])
            if held and count + size > USUAL_WORDS:
                joined.append((joint.join(held), count))
                held, count = [], 0
            held.append(one)
            count += size
    return [*joined, (joint.join(held), count)]


def _words_apart(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[at : at + USUAL_WORDS]) for at in range(0, len(words), USUAL_WORDS)]


def _count(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)


def indexed(parts: Sequence[Part], embeddings: Embeddings | None = None) -> Index:
    """The index of a document's passages; by words alone where there are no embeddings."""
    texts = [f"{part.section}\n{part.text}".strip() for part in parts]
    return Index.of(texts, _embedded(texts, embeddings))


def ranked(indexes: Sequence[Index], query: str, embeddings: Embeddings | None = None) -> list[tuple[int, int]]:
    """The passages that bear on a query, best first: the number of the index, and that of the passage in it.

    Each is ranked by its vector and its words where it has a vector, else by its words alone.
    """
    vectors = _embedded([query], embeddings if any(one.vectors.size for one in indexes) else None)
    found = []
    for number, (index, shared) in enumerate(
        zip(indexes, overlap(query, indexes, identify_language(query) or "en"), strict=True)
    ):
        near = None if vectors is None else nearness(vectors[0], index)
        # By how much each reaches what it has to, so that one measure is as good as the other.
        scores = shared / OVERLAPPING if near is None else (near + _OVERLAP_WEIGHT * shared) / NEAR
        found += [(float(scores[at]), number, int(at)) for at in (scores >= 1).nonzero()[0]]
    return [(number, at) for _, number, at in sorted(found, key=lambda one: -one[0])]


def _embedded(texts: Sequence[str], embeddings: Embeddings | None) -> NDArray[np.float32] | None:
    try:
        return embeddings.embed(texts) if embeddings else None
    except EngineError:
        return None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Documents as they are asked. `embeddings` None searches by words alone."""

    documents: Documents
    embeddings: Embeddings | None = None

    async def add(
        self, user_id: str, scope: str, name: str, body: bytes, content_type: str = "", *, give: bool = False
    ) -> tuple[Owned[Document], tuple[Phrase, ...]]:
        """Reads, splits, embeds and keeps a document; one of the same name, owner and place is replaced.

        With `give` it is the workspace's whose scope that is, from the start. Gives what its owner should know of how it was
        read, too.

        Raises:
            FileError: it cannot be read.
            RefusedError: it holds a key or asks for harm.
            StorageError: its owner has as many documents as are kept.
        """
        found = await read_document(name, body, content_type, user_id=user_id)
        pages = found.pages
        # In threads, as a document of a megabyte takes both a tenth of a second.
        await asyncio.to_thread(refuse, "\n".join((name, *pages)), source="file")
        parts = await asyncio.to_thread(split, pages)
        if not parts:
            raise FileError("There is no text in that file. If it is a scan, copy the text you need into a .txt file.")
        index = await asyncio.to_thread(indexed, parts, self.embeddings)
        shown = source_name(name)
        document = Document(shown, len(pages) if len(pages) > 1 else 0, len(parts))
        owner_id, given_by = (scope, user_id) if give else (user_id, None)
        kept = await self.documents.add_whole(owner_id, document, parts, scope, index=index.packed(), given_by=given_by)
        return kept, found.notes

    async def find(self, request: Request) -> tuple[Passage, ...]:
        """The passages that bear on a request, best first; none for kinds that are written from their own material."""
        kind = kind_named(request.kind) if request.kind else None
        if kind and (kind.form.own_text or kind.family not in _FAMILIES):
            return ()
        query = "\n".join(filter(None, (request.brief, *request.notes)))
        return tuple(await self.search(request.user_id, request.scopes, query))

    async def search(self, user_id: str, scopes: Sequence[str], query: str) -> list[Passage]:
        """The passages of the person's documents and those lent to the scopes that bear on a query, up to four, best first."""
        known = await self.documents.searched(user_id, scopes)
        best = await asyncio.to_thread(self._ranked, known, query) if known else []
        parts = await self.documents.parts(user_id, best, scopes)
        of = {one.id: one for one in known}
        return [_passage(of[place[0]], parts[place]) for place in best if place in parts]

    def _ranked(self, known: Sequence[Searched], query: str) -> list[Place]:
        opened = [(one.id, packed) for one in known if (packed := one.index()) is not None]
        best = ranked([Index.read(packed) for _, packed in opened], query, self.embeddings) if opened else []
        return [(opened[number][0], position) for number, position in best[:MAX_FOUND]]


def source_name(name: str) -> str:
    """The name of a file as it is shown: one line without marks, at most 80 characters, its ending kept."""
    last = re.split(r"[/\\]", name)[-1]
    plain = " ".join(re.sub(r"[^\w .,()&'+-]", " ", last).split()) or "document"
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: MAX_NAME - len(ending) - 1]}{dot}{ending}" if len(plain) > MAX_NAME else plain


def _passage(document: Searched, part: Part) -> Passage:
    return Passage(part.text, document.name, part.page, part.section, document.lent)
