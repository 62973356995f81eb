"""A finished draft as the result that is handed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.checks.language import NAMES
from bot.content import Assignment, Result
from bot.engines import Engine
from bot.errors import Phrase

from .changes import difference
from .findings import finding
from .languages import writes
from .measure import unmeasured
from .recall import has_voice
from .rendered import in_a_row, public_statements, statements

if TYPE_CHECKING:
    from .pipeline import Draft


def result_of(draft: Draft, assignment: Assignment, engine: Engine, seconds: float, calls: Sequence[str]) -> Result:
    """The result that is handed on of a finished draft, with what readers should know of it."""
    spoken = engine.traits.languages
    notes = list(draft.notes)
    if spoken is not None and not writes(assignment, spoken):
        lacks = Phrase(
            (
                "{engine} only writes {known}, so expect mistakes in {wanted}. My operator can give me a model that "
                "knows the language."
            ),
            engine=engine.label,
            known=[Phrase(NAMES[code]) for code in sorted(spoken) if code in NAMES],
            wanted=Phrase(NAMES.get(assignment.language, assignment.language)),
        )
        notes.append(lacks)
    return Result(
        kind=assignment.kind.name,
        content=draft.content,
        checks=draft.checks,
        persona=assignment.persona.title if has_voice(assignment) else "",
        engine=" + ".join(draft.engines or (engine.label,)),
        seed=assignment.request.seed,
        seconds=seconds,
        note=in_a_row(notes),
        to_check=draft.written.to_check,
        understood=tuple(public_statements(assignment.reading)),
        unchecked=(
            *statements(unmeasured(assignment.reading, assignment.kind, (*draft.checks, *draft.excused))),
            *map(finding, draft.excused),
        ),
        written=draft.data,
        changed=difference(assignment, draft.content.text),
        used=draft.written.used,
        calls=tuple(calls),
        habit=draft.written.habit,
    )
