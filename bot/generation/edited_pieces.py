"""A text that consists of pieces, edited: what the wish is not about stays word for word, and only new pieces are written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.briefs import read_by_patterns
from bot.content import Assignment, Checkpoint, Content, Parent, Piece, Result
from bot.engines import Engine, Engines

from .beside import beside_of, composed
from .changes import changes
from .check import run_checks
from .draft import Watcher
from .kept_pieces import KeptPiece, counted_as, names_to_choose, number_wanted, pinned
from .piece_edits import New, Part
from .pieces import Solo, assigned, kept_assignment, standing, whole_of, written_behind
from .rank import Candidate
from .rendered import in_a_row
from .result import result_of
from .writers.capable_prompt import length_step
from .writers.edit import without_figures
from .writers.edit_pieces import EditedPieces, Whole, drawn, edited_pieces


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as it is after the edit, and the figures that gave way."""

    kept: KeptPiece
    outdated: tuple[str, ...] = ()


async def edited_in_pieces(
    kept: Sequence[KeptPiece],
    solo: Solo,
    assignment: Assignment,
    engines: Engines,
    checkpoint: Checkpoint,
    watcher: Watcher,
) -> Result | None:
    """The version that is there with what the wish wants; None where the engine's model does not edit.

    Raises:
        EngineError: every engine failed.
    """
    started, before = time.monotonic(), assignment.request.before
    assert before is not None
    whole = _whole(kept, assignment)

    async def use(engine: Engine) -> dict[str, Any]:
        return {"engine": engine.name, "answers": await drawn(whole, engine, watcher, assignment.request.seed)}

    found = await checkpoint("edit", lambda: engines.attempt(use))
    if not found["answers"]:
        return None
    engine = next((one for one in engines.all if one.name == found["engine"]), engines.first)
    edits = await edited_pieces(found["answers"], whole, engine, checkpoint, assignment.request.seed)
    texts = {_name(one, assignment): _text(one, edits, assignment) for one in kept}
    own, made = await _made(texts, edits, whole, solo, engine, checkpoint, watcher)
    # With the seed of the version that is there, as all of it that stays is made with.
    result = whole_of(own, made, replace(assignment, request=replace(assignment.request, seed=before.seed)))
    return replace(
        result,
        engine=engine.label,
        seconds=time.monotonic() - started,
        note=in_a_row([*([result.note] if result.note else []), *edits.notes]),
        changed=changes(before.text, result.content.text),
        outdated=tuple(dict.fromkeys(figure for one in texts.values() for figure in one.outdated)),
    )


def _name(one: KeptPiece, assignment: Assignment) -> str:
    return one.piece.name if one.piece else assignment.kind.name


def _text(one: KeptPiece, edits: EditedPieces, assignment: Assignment) -> _Text:
    attempt = edits.attempts.get(_name(one, assignment))
    if attempt is None:
        return _Text(one)
    made = attempt.candidate
    return _Text(replace(one, written=made.data, beside=beside_of(made.content.parts)), made.outdated)


def _whole(kept: Sequence[KeptPiece], assignment: Assignment) -> Whole:
    """What is to be edited. What machines read has no length that readers would want otherwise."""
    kind, choose = assignment.kind, names_to_choose(assignment.kind)
    pieces = [one.piece for one in kept if one.piece]
    loose = [piece.name for piece in pieces if kind.series or piece.name in choose]
    whole = pinned(assignment, len(loose), loose)
    step = length_step(assignment.request)
    parts = []
    for number, one in enumerate(kept, 1 if kind.series else 0):
        its = kept_assignment(one, number, len(pieces), (), whole)
        if step == 1.0 or not (its.kind.for_machines or its.kind.family == "image"):
            parts.append(Part(_name(one, assignment), its, _name(one, assignment) in loose))
    most = next(count.high for count in kind.counts if counted_as(kind) in count.nouns)
    names = tuple(name for name in choose if name not in loose)
    wanted = number_wanted(assignment, len(loose))
    return Whole(whole, parts, tuple(loose), max(0, most - len(loose)), names, wanted)


async def _made(
    texts: Mapping[str, _Text],
    edits: EditedPieces,
    whole: Whole,
    solo: Solo,
    engine: Engine,
    checkpoint: Checkpoint,
    watcher: Watcher,
) -> tuple[Result | None, list[tuple[Piece, Result]]]:
    """The whole's own text, and all pieces in their order, new ones written where they stand."""
    base = whole.assignment
    order = _order(edits, whole)
    names = [one.said if isinstance(one, New) else one for one in order]
    final = pinned(base, len(order), [name for name in names if name])
    own = texts.get(base.kind.name)
    result = await asyncio.to_thread(_finished, own, final, 0, 1, (), engine) if own else None
    pieces = _pieces(order, texts, final, result.content if result else None)
    made: list[tuple[Piece, Result]] = []
    for number, (piece, text) in enumerate(pieces, 1):
        said = tuple(one.content.text for _, one in made)
        if text:
            stays = await asyncio.to_thread(_finished, text, final, number, len(pieces), said, engine)
            made.append((piece, stays))
            continue
        part = assigned(piece, Parent(final.kind.name, final.brief, number, len(pieces), said), final)
        part = standing(replace(part, request=replace(part.request, wish="", earlier="")), len(pieces))
        new = await written_behind(solo, part, piece.name, result, made, final, checkpoint, watcher)
        made.append((piece, new))
    return result, made


def _finished(text: _Text, final: Assignment, number: int, of: int, said: tuple[str, ...], engine: Engine) -> Result:
    """A text that stays as it is put now, where another number may stand above it, with its checks."""
    its, data = kept_assignment(text.kept, number, of, said, final), dict(text.kept.written)
    content = composed(data, its)
    checks = run_checks(data, content, without_figures(its, text.outdated))
    return result_of(Candidate(data, content, checks), its, engine, 0.0)


def _order(edits: EditedPieces, whole: Whole) -> list[str | New]:
    """The pieces that stay, by name, and those that come, as many as the wish says.

    What is too much goes before the last one and what lacks comes there, as a whole ends as it did.
    """
    order: list[str | New] = []
    for name in whole.there:
        order += [one for one in edits.new if one.before == name]
        order += [name] if name not in edits.gone else []
    order += [one for one in edits.new if one.before not in whole.there]
    wanted = len(order) if whole.wanted is None else whole.wanted
    while len(order) > wanted:
        del order[max(0, len(order) - 2)]
    while len(order) < wanted:
        order.insert(len(order) - 1, New(""))
    return order or list(whole.there)  # No wish is for nothing at all.


def _pieces(
    order: Sequence[str | New], texts: Mapping[str, _Text], final: Assignment, own: Content | None
) -> list[tuple[Piece, _Text | None]]:
    """All pieces in their order, each with its text where it stays."""
    kind = final.kind
    usual = kind.pieces(final, own)
    if not kind.series:
        return [(piece, texts.get(piece.name)) for piece in usual]
    found: list[tuple[Piece, _Text | None]] = []
    for piece, one in zip(usual, order, strict=True):
        if isinstance(one, New):
            found.append((_new_piece(piece, one, final), None))
        elif kept := texts[one].kept.piece:
            found.append((replace(kept, name=piece.name, title=piece.title), texts[one]))
    return found


def _new_piece(piece: Piece, new: New, final: Assignment) -> Piece:
    """A piece of a series that comes, about what the whole's brief is about and what is said of it."""
    if not new.said:
        return piece
    reading = final.reading.model_copy(
        update={"message": read_by_patterns(final.request.brief, final.kind.reader).message}
    )
    plain = pinned(replace(final, wishes=replace(final.wishes, reading=reading)), 1)
    return replace(piece, brief=f"{final.kind.pieces(plain, None)[0].brief} {new.said}")
