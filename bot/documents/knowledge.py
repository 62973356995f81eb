"""Split users' documents into passages, index them, and find those that are relevant to a request."""

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
from bot.kinds import find_kind
from bot.moderation import refuse
from storage.documents import Document, Documents, PassagePlace, SearchableDocument, StoredPassage
from storage.owned_items import OwnedItem

from .index import Index, compute_similarity, score_overlap
from .materials import read_document

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Words of a passage: what a reader takes in at once, and what the embeddings were trained on (256 tokens).
TARGET_WORDS, MAX_WORDS = 150, 200
MAX_PASSAGES = 4
MAX_NAME = 80
# The length of a line that is not split further.
_MAX_LINE_CHARACTERS = 100
# The scores, from 0 to 1, from which a passage is relevant. docs/voices.md says how they were found.
MIN_SIMILARITY = 0.25
MIN_OVERLAP = 0.3
_OVERLAP_WEIGHT = 0.3

_HEADING = re.compile(r"#{1,6}\s+(.*)")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+")
# Families of kinds that make factual statements, which documents can support.
_FACTUAL_FAMILIES = ("marketing", "education", "media", "text", "chat")


def split_passages(pages: Sequence[str]) -> list[StoredPassage]:
    """Split pages into passages of about 150 words and at most 200, each with its page and section.

    A heading begins a new passage, and so does a page. Pages are numbered if there are several.
    """
    passages, section = [], ""
    for number, page in enumerate(pages, 1):
        current: list[str] = []
        count = 0
        for block in re.split(r"\n\s*\n|\n(?=#{1,6}\s)", page):
            lines = block.strip().splitlines()
            if lines and lines[0][0] == "#" and (heading := _HEADING.fullmatch(lines[0].strip())):
                passages += _build_stored_passage(current, number, section, pages)
                current, count, section, lines = [], 0, heading[1].strip()[:100], lines[1:]
            if len(lines) == 1 and len(lines[0]) <= _MAX_LINE_CHARACTERS:
                pieces: Iterable[tuple[str, int]] = ((lines[0].strip(), lines[0].count(" ") + 1),)
            else:
                pieces = _split_block("\n".join(lines))
            for piece, size in pieces:
                if current and count + size > TARGET_WORDS:
                    passages += _build_stored_passage(current, number, section, pages)
                    current, count = [], 0
                current.append(piece)
                count += size
        passages += _build_stored_passage(current, number, section, pages)
    return passages


def _build_stored_passage(pieces: Sequence[str], page: int, section: str, pages: Sequence[str]) -> list[StoredPassage]:
    """Build a passage of some pieces, as a list; an empty list if they have no text."""
    text = "\n".join(pieces).strip()
    return [StoredPassage(text, page if len(pages) > 1 else 0, section)] if text else []


def _split_block(block: str) -> Iterable[tuple[str, int]]:
    """Split a block into pieces of at most 200 words with their word counts: between lines, then sentences, then words."""
    words = _count_words([block])
    if words <= MAX_WORDS:
        return [(block.strip(), words)] if words else []
    for pattern, separator in ((r"\n", "\n"), (_SENTENCE_END, " ")):
        pieces = [(piece, size) for piece in re.split(pattern, block) if (size := len(piece.split()))]
        if len(pieces) > 1 and (separator == " " or all(size <= MAX_WORDS for _, size in pieces)):
            break
    else:
        return [(piece, _count_words([piece])) for piece in _split_words(block)]
    joined: list[tuple[str, int]] = []
    current: list[str] = []
    count = 0
    for piece, words in pieces:
        for part in [piece] if words <= MAX_WORDS else _split_words(piece):
            size = words if part is piece else _count_words([part])
            if current and count + size > TARGET_WORDS:
                joined.append((separator.join(current), count))
                current, count = [], 0
            current.append(part)
            count += size
    return [*joined, (separator.join(current), count)]


def _split_words(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[at : at + TARGET_WORDS]) for at in range(0, len(words), TARGET_WORDS)]


def _count_words(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)


def build_index(parts: Sequence[StoredPassage], embeddings: Embeddings | None = None) -> Index:
    """Build the index of passages: of their words and, with embeddings, their vectors."""
    texts = [f"{part.section}\n{part.text}".strip() for part in parts]
    return Index.build(texts, _embed(texts, embeddings))


def rank_passages(indexes: Sequence[Index], query: str, embeddings: Embeddings | None = None) -> list[tuple[int, int]]:
    """Return the relevant passages for a query, best first, as the number of the index and of the passage in it.

    A passage is ranked by its vector and its words, or only by its words if it has no vector.
    """
    vectors = _embed([query], embeddings if any(index.vectors.size for index in indexes) else None)
    overlaps = score_overlap(query, indexes, identify_language(query) or "en")
    relevant = []
    for number, (index, overlap) in enumerate(zip(indexes, overlaps, strict=True)):
        similarity = None if vectors is None else compute_similarity(vectors[0], index)
        # Relative to their thresholds, so that both measures are comparable.
        scores = (
            overlap / MIN_OVERLAP if similarity is None else (similarity + _OVERLAP_WEIGHT * overlap) / MIN_SIMILARITY
        )
        relevant += [(float(scores[at]), number, int(at)) for at in (scores >= 1).nonzero()[0]]
    return [(number, at) for _, number, at in sorted(relevant, key=lambda entry: -entry[0])]


def _embed(texts: Sequence[str], embeddings: Embeddings | None) -> NDArray[np.float32] | None:
    try:
        return embeddings.embed(texts) if embeddings else None
    except EngineError:
        return None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The service for documents. It searches by words only without `embeddings`."""

    documents: Documents
    embeddings: Embeddings | None = None

    async def add(
        self, user_id: str, scope: str, name: str, body: bytes, content_type: str = "", *, give: bool = False
    ) -> tuple[OwnedItem[Document], tuple[Phrase, ...]]:
        """Read, split, embed and store a document, replacing one of the same name, owner and scope; return it with notes.

        With `give` it belongs to the workspace of the scope.

        Raises:
            FileError: it cannot be read.
            RefusedError: it contains a credential or asks for harm.
            StorageError: its owner has the maximum number of documents.
        """
        file = await read_document(name, body, content_type, user_id=user_id)
        pages = file.pages
        # In threads, as each takes a tenth of a second for a document of a megabyte.
        await asyncio.to_thread(refuse, "\n".join((name, *pages)), source="file")
        parts = await asyncio.to_thread(split_passages, pages)
        if not parts:
            raise FileError("There is no text in that file. If it is a scan, copy the text you need into a .txt file.")
        index = await asyncio.to_thread(build_index, parts, self.embeddings)
        document = Document(clean_source_name(name), len(pages) if len(pages) > 1 else 0, len(parts))
        owner_id, given_by = (scope, user_id) if give else (user_id, None)
        stored = await self.documents.add_with_passages(
            owner_id, document, parts, scope, index=index.pack(), given_by=given_by
        )
        return stored, file.notes

    async def list_searchable(self, request: Request) -> list[SearchableDocument]:
        """List the documents that a request may use; none for kinds that are written from their own material."""
        kind = find_kind(request.kind) if request.kind else None
        if kind and (kind.form.own_text or kind.family not in _FACTUAL_FAMILIES):
            return []
        return await self.documents.list_searchable(request.user_id, request.scopes)

    async def find(self, request: Request, known: Sequence[SearchableDocument]) -> tuple[Passage, ...]:
        """Return the relevant passages of documents for a request, best first."""
        query = "\n".join(filter(None, (request.brief, *request.notes)))
        return tuple(await self._choose(request.user_id, request.scopes, query, known))

    async def search(self, user_id: str, scopes: Sequence[str], query: str) -> list[Passage]:
        """Return up to four relevant passages of the user's documents and those shared with the scopes, best first."""
        return await self._choose(user_id, scopes, query, await self.documents.list_searchable(user_id, scopes))

    async def _choose(
        self, user_id: str, scopes: Sequence[str], query: str, known: Sequence[SearchableDocument]
    ) -> list[Passage]:
        if not known:
            return []
        places = await asyncio.to_thread(self._rank, known, query)
        passages = await self.documents.load_passages(user_id, places, scopes)
        documents = {document.id: document for document in known}
        return [_build_passage(documents[place[0]], passages[place]) for place in places if place in passages]

    def _rank(self, known: Sequence[SearchableDocument], query: str) -> list[PassagePlace]:
        packed_indexes = {document.id: packed for document in known if (packed := document.open_index()) is not None}
        if not packed_indexes:
            return []
        ids = list(packed_indexes)
        best = rank_passages([*map(Index.unpack, packed_indexes.values())], query, self.embeddings)
        return [(ids[number], position) for number, position in best[:MAX_PASSAGES]]


def clean_source_name(name: str) -> str:
    """Return the name of a file for display: one line without markup, at most 80 characters, with its ending."""
    last = re.split(r"[/\\]", name)[-1]
    plain = " ".join(re.sub(r"[^\w .,()&'+-]", " ", last).split()) or "document"
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: MAX_NAME - len(ending) - 1]}{dot}{ending}" if len(plain) > MAX_NAME else plain


def _build_passage(document: SearchableDocument, part: StoredPassage) -> Passage:
    return Passage(part.text, document.name, part.page, part.section, document.is_shared)
