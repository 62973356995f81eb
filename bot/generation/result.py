"""A finished draft as the result that is handed on."""

from __future__ import annotations

from bot.checks.language import NAMES
from bot.content import Assignment, Result
from bot.engines import Engine
from bot.errors import Phrase

from .asked import unchecked
from .languages import writes
from .missing import missing
from .possible import note as told_beyond
from .rank import Candidate
from .rendered import in_a_row, public_statements, statements


def result_of(candidate: Candidate, assignment: Assignment, engine: Engine, seconds: float) -> Result:
    """The result that is handed on of a finished draft, with what readers are told of it."""
    spoken = engine.traits.languages
    notes = [note] if (note := told_beyond(assignment)) else []
    notes += candidate.notes
    if spoken is not None and not writes(assignment, spoken):
        lacks = Phrase(
            "{engine} writes {known} only, so expect mistakes in {wanted}. Whoever runs me can give me a model that writes it.",
            engine=engine.label,
            known=[Phrase(NAMES[code]) for code in sorted(spoken) if code in NAMES],
            wanted=Phrase(NAMES.get(assignment.language, assignment.language)),
        )
        notes.append(lacks)
    return Result(
        kind=assignment.kind.name,
        content=candidate.content,
        checks=candidate.checks,
        persona=assignment.persona.title,
        engine=engine.label,
        seed=assignment.request.seed,
        seconds=seconds,
        note=in_a_row(notes),
        understood=tuple(public_statements(assignment.reading)),
        unchecked=(*statements(unchecked(assignment.reading, assignment.kind)), *candidate.unmeasured),
        written=candidate.data,
        changed=candidate.changed,
        outdated=candidate.outdated,
        missing=tuple(missing(candidate.content.text, assignment)) if not assignment.parent else (),
        used=candidate.used,
    )
