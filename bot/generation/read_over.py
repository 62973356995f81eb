"""A text of pieces as its model hands it over: read over as one, each piece that is other with its checks anew."""

from __future__ import annotations

from dataclasses import replace

from bot.content import Assignment, Piece, Result

from .kept_pieces import kept_of
from .piece_edits import Part
from .pieces import Made, kept_assignment
from .rendered import in_a_row
from .writers import Desk
from .writers.critique_pieces import critiqued_parts
from .writers.edit import Attempt, start_of


async def pieces_read_over(
    own: Result | None, made: Made, assignment: Assignment, desk: Desk
) -> tuple[Result | None, Made]:
    """A whole's own text, where it has one, and its pieces, with what was amiss in any of them put right."""
    results = {assignment.kind.name: own} if own else {}
    parts = [_part(None, own, 0, len(made), assignment)] if own else []
    for number, (piece, result) in enumerate(made, 1):
        parts.append(_part(piece, result, number, len(made), assignment))
        results[piece.name] = result
    other, told = await critiqued_parts(parts, assignment, desk)
    known = {part.name: part.assignment for part in parts}
    anew = {
        name: _with(result, other[name], known[name]) if name in other else result for name, result in results.items()
    }
    first = parts[0].name  # What is told of the whole is told once.
    anew[first] = replace(anew[first], note=in_a_row([*([note] if (note := anew[first].note) else []), *told]))
    return anew.get(assignment.kind.name) if own else None, [(piece, anew[piece.name]) for piece, _ in made]


def _part(piece: Piece | None, result: Result, number: int, of: int, whole: Assignment) -> Part:
    unwished = replace(whole, request=replace(whole.request, wish=""))
    its = kept_assignment(kept_of(piece, result), number, of, (), unwished)
    return Part(piece.name if piece else whole.kind.name, its, loose=False)


def _with(result: Result, made: Attempt, known: Assignment) -> Result:
    """A result with what was made of it; a check that it failed and was not held to before is none now."""
    failed = {check.name for check in result.checks if not check.passed}
    excused = start_of(known).failing - failed
    checks = tuple(check for check in made.candidate.checks if check.passed or check.name not in excused)
    return replace(result, content=made.candidate.content, checks=checks, written=made.candidate.data)
