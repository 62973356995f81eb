"""Texts that consist of texts of their own: a thread, a sequence of mails, a campaign with the copy of its channels."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from bot.checks import Check
from bot.content import Assignment, Checkpoint, Content, Parent, Piece, Result, Version
from bot.errors import Phrase
from bot.kinds import kind_named

from .asked import asked_checks, unchecked
from .draft import Watcher
from .kept_pieces import KeptPiece, kept_as_json
from .missing import missing
from .possible import beyond_checks, note
from .rendered import in_a_row, public_statements, statements
from .styled import style_of
from .told import figures_told
from .understood import wishes_of

# The pieces of a whole in their order, each with what it led to.
Made = Sequence[tuple[Piece, Result]]
# Runs something that costs, once: a durable job keeps the JSON value it gave and gives that again after a restart.
Solo = Callable[[Assignment, Checkpoint, Watcher], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Behind:
    """Watches a piece grow behind what stands already."""

    watcher: Watcher
    before: str

    @property
    def watching(self) -> bool:
        """Whether somebody watches the whole."""
        return self.watcher.watching

    async def waiting(self, why: Phrase) -> None:
        """Tells why nothing grows yet."""
        await self.watcher.waiting(why)

    async def draft(self, render: Callable[[], str]) -> None:
        """Shows what stands and the piece so far."""
        await self.watcher.draft(lambda: "\n\n".join(filter(None, (self.before, render()))))


async def in_pieces(
    solo: Solo, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher
) -> tuple[Result | None, Made]:
    """The own text of an assignment that consists of pieces, where it has one, and its pieces, each made by `solo` as any text is.

    Raises:
        EngineError: every engine failed.
    """
    own = None if assignment.kind.series else await solo(assignment, checkpoint, watcher)
    content = own.content if own else None
    pieces = assignment.kind.pieces(assignment, content)
    made: list[tuple[Piece, Result]] = []
    for number, piece in enumerate(pieces, 1):
        said = tuple(result.content.text for _, result in made)
        part = assigned(piece, Parent(assignment.kind.name, assignment.brief, number, len(pieces), said), assignment)
        made.append((piece, await written_behind(solo, part, piece.name, own, made, assignment, checkpoint, watcher)))
    return own, made


async def written_behind(
    solo: Solo,
    part: Assignment,
    name: str,
    own: Result | None,
    made: Made,
    whole: Assignment,
    checkpoint: Checkpoint,
    watcher: Watcher,
) -> Result:
    """A piece of a whole, written anew and seen behind what stands of it already.

    Raises:
        EngineError: every engine failed.
    """
    before = _joined(own.content if own else None, made, whole).text if made or own else ""
    return await solo(part, _named(checkpoint, name), Behind(watcher, before))


def whole_of(own: Result | None, made: Made, assignment: Assignment) -> Result:
    """The whole of its own text, where it has one, and its pieces."""
    results = [*([own] if own else []), *(result for _, result in made)]
    return replace(
        results[0],
        kind=assignment.kind.name,
        note=_notes(results, assignment),
        understood=tuple(public_statements(assignment.reading)),
        unchecked=tuple(statements(unchecked(assignment.reading, assignment.kind))),
        persona=assignment.persona.title,
        seed=assignment.request.seed,
        content=(joined := _joined(own.content if own else None, made, assignment)),
        missing=tuple(missing(joined.text, assignment)),
        checks=_checks(own, made, assignment),
        seconds=sum(result.seconds for result in results),
        written=kept_as_json(own, made),
        used=_used(results),
    )


def _used(results: Sequence[Result]) -> tuple[int, ...] | None:
    """The passages that any of the pieces names; None where none of them says anything of that."""
    named = [one.used for one in results if one.used is not None]
    return tuple(dict.fromkeys(number for one in named for number in one)) if named else None


def _notes(results: Sequence[Result], assignment: Assignment) -> Phrase | None:
    """What readers are told of the whole: that too much was asked for, or else what they are told of each piece, once."""
    if beyond := note(assignment):
        return beyond
    notes = {str(one.note): one.note for one in results if one.note}
    return in_a_row(list(notes.values()))


def _joined(own: Content | None, made: Made, assignment: Assignment) -> Content:
    return assignment.kind.join(own, [(piece, result.content) for piece, result in made], assignment)


def _named(checkpoint: Checkpoint, name: str) -> Checkpoint:
    return lambda step, work: checkpoint(f"{name} {step}", work)


def assigned(piece: Piece, parent: Parent, whole: Assignment) -> Assignment:
    """The assignment of a piece: for the same reader, with what the whole's brief says about form where it is of its kind."""
    request = replace(
        whole.request,
        brief=piece.brief,
        kind=piece.kind,
        variants=1,
        notes=(),
        before=None,
        seed=whole.request.seed + parent.number,
    )
    kind = kind_named(piece.kind)
    read = wishes_of(piece.brief, kind, whole.profile)
    figures = tuple(one for one in read.figures if one not in whole.request.outdated)
    wishes = replace(read, language=whole.wishes.language, figures=figures)
    if kind is whole.kind:  # What a thread must say, a small model says in its first post; what is left, the last one.
        figures = whole.wishes.figures if parent.number in (1, parent.of) else ()
        reading = whole.reading.model_copy(update={"message": read.reading.message})
        wishes = replace(whole.wishes, reading=reading, figures=figures)
    if piece.place:
        wishes = replace(wishes, place=piece.place)
    return replace(whole, request=request, kind=kind, wishes=wishes, parent=parent)


def kept_assignment(one: KeptPiece, number: int, of: int, said: tuple[str, ...], whole: Assignment) -> Assignment:
    """The assignment of a text that is there: as it was made, and with the whole's wish."""
    parent = Parent(whole.kind.name, whole.brief, number, of, said)
    its = assigned(one.piece, parent, whole) if one.piece else whole
    version = Version("", one.seed, one.written, one.failed, one.beside)
    request = replace(its.request, before=version, seed=one.seed, earlier="")
    return standing(replace(its, request=request, as_written=True, beside=one.beside), of)


def standing(its: Assignment, of: int) -> Assignment:
    """The assignment of a text of a series, of which only one may be left."""
    return replace(its, parent=None) if its.series and of == 1 else its


def _checks(own: Result | None, made: Made, assignment: Assignment) -> tuple[Check, ...]:
    """What the checks of all pieces say: of each check the first that failed, else the last. Style is of the whole."""
    styles = tuple(style_of(_joined(own.content if own else None, made, assignment), assignment)) if not own else ()
    found: dict[str, Check] = {check.name: check for check in own.checks} if own else {}
    of_style = {check.id for check in styles} | {"emoji"}
    for piece, result in made:
        for check in result.checks:
            if own is None and check.id in of_style:
                continue
            if own is not None and check.passed and check.sort != "size":
                continue
            check = replace(check, path="", within=check.within if own is None else piece.title)
            if check.name not in found or found[check.name].passed:
                found[check.name] = check
    content = _joined(own.content if own else None, made, assignment)
    if own:
        return (*found.values(), *styles)
    found |= {check.name: check for check in figures_told(content.text, assignment)}
    asked = (*beyond_checks(assignment, content, set()), *asked_checks(content, assignment))
    return (*asked, *found.values(), *styles)
