"""What is kept of a text that consists of pieces, so that it can be edited: what was written for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.briefs import correction_of
from bot.content import Assignment, Beside, Kind, Piece, Result
from bot.kinds import all_kinds

from .beside import beside_of
from .edits import fits
from .understood import wishes_from


@dataclass(frozen=True, slots=True)
class KeptPiece:
    """A text of a whole: its piece, None for the whole's own text, what was written for it, its seed, the checks it failed, and
    what stands `beside` it.
    """

    piece: Piece | None
    written: Mapping[str, Any]
    seed: int
    failed: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()


def kept_of(piece: Piece | None, result: Result) -> KeptPiece:
    """A text of a whole as it is kept."""
    failed = tuple(check.name for check in result.checks if not check.passed)
    return KeptPiece(piece, result.written, result.seed, failed, beside_of(result.content.parts))


def kept_as_json(own: Result | None, made: Sequence[tuple[Piece, Result]]) -> dict[str, Any]:
    """The texts of a whole as `kept_pieces` reads them."""
    return {
        **({"own": _as_json(kept_of(None, own))} if own else {}),
        "pieces": [_as_json(kept_of(piece, result)) for piece, result in made],
    }


def _as_json(one: KeptPiece) -> dict[str, Any]:
    piece = {"piece": asdict(one.piece)} if one.piece else {}
    beside = [asdict(part) for part in one.beside]
    return {**piece, "written": one.written, "seed": one.seed, "failed": list(one.failed), "beside": beside}


def kept_pieces(assignment: Assignment) -> list[KeptPiece]:
    """The texts of the version that is to be edited, its own first; empty where one is not kept or is of another form by now.

    Where one text alone is wanted in place of several there is none to edit either.
    """
    request, kind = assignment.request, assignment.kind
    if request.before is None or request.variants != 1 or (kind.series and number_wanted(assignment, 2) == 1):
        return []
    own, kept = request.before.written.get("own"), request.before.written.get("pieces")
    if not isinstance(kept, list) or not kept or bool(own) == bool(kind.series):
        return []
    found = [*([_kept(own)] if own else []), *map(_kept, kept)]
    return found if all(_is_known(one, kind) for one in found) else []


def _kept(one: Mapping[str, Any]) -> KeptPiece:
    piece = Piece(**one["piece"]) if one.get("piece") else None
    beside = tuple(Beside(**part) for part in one.get("beside", ()))
    return KeptPiece(piece, one["written"], one["seed"], tuple(one["failed"]), beside)


def _is_known(one: KeptPiece, kind: Kind) -> bool:
    its = all_kinds().get(one.piece.kind) if one.piece else kind
    return its is not None and fits(its, one.written)


def counted_as(kind: Kind) -> str:
    """The noun that the number of a kind's pieces has in `Wishes.counts`."""
    return kind.series.nouns[0] if kind.series else kind.chosen_by


def number_wanted(assignment: Assignment, there: int) -> int | None:
    """How many pieces the newest wish says there are to be where so many are there; None where it names no number of all."""
    kind, noun = assignment.kind, counted_as(assignment.kind)
    correction = correction_of(assignment.request.wish, kind.reader)
    found = wishes_from(correction, kind, assignment.profile).counts.get(noun)
    count = next(one for one in kind.counts if noun in one.nouns)
    return min(max(there, found[0], count.low), found[1], count.high) if found else None


def pinned(assignment: Assignment, number: int, names: Sequence[str] = ()) -> Assignment:
    """The assignment as one for just so many pieces, those that are chosen by name first.

    A wish that names a channel is mostly about its text, and one for another post says nothing of their number.
    """
    kind, wishes = assignment.kind, assignment.wishes
    reading = wishes.reading
    if kind.chosen_by:
        reading = reading.model_copy(update={"named": {**reading.named, kind.chosen_by: tuple(names)}})
    counts = {**wishes.counts, counted_as(kind): (number, number)}
    return replace(assignment, wishes=replace(wishes, reading=reading, counts=counts))


def names_to_choose(kind: Kind) -> tuple[str, ...]:
    """The names that pieces of a kind are chosen by; empty where they are a series."""
    return tuple(kind.form.choices.get(kind.chosen_by, ()))
