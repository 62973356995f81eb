"""Build the result from a finished draft."""

from __future__ import annotations

from collections.abc import Sequence

from bot.checks.language import NAMES
from bot.content import Assignment, Result
from bot.engines import Engine
from bot.errors import Phrase

from .diff import diff_version
from .drafts import Draft
from .findings import describe_check
from .languages import can_write
from .measure import find_unmeasured
from .reading_phrases import describe_public_reading, describe_reading, join_notes
from .recall import has_voice

_WRITES_OTHER_LANGUAGES = (
    "{engine} only writes {known}, so expect mistakes in {wanted}. My operator can give me a model that knows the "
    "language."
)


def build_result(draft: Draft, assignment: Assignment, engine: Engine, seconds: float, calls: Sequence[str]) -> Result:
    """Build the result of a finished draft, with notes for the user."""
    languages = engine.traits.languages
    notes = list(draft.notes)
    if languages is not None and not can_write(assignment, languages):
        warning = Phrase(
            _WRITES_OTHER_LANGUAGES,
            engine=engine.label,
            known=[Phrase(NAMES[code]) for code in sorted(languages) if code in NAMES],
            wanted=Phrase(NAMES.get(assignment.language, assignment.language)),
        )
        notes.append(warning)
    return Result(
        kind=assignment.kind.name,
        content=draft.content,
        checks=draft.checks,
        persona=assignment.persona.title if has_voice(assignment) else "",
        engine=" + ".join(draft.engines or (engine.label,)),
        seed=assignment.request.seed,
        seconds=seconds,
        note=join_notes(notes),
        to_check=draft.answer.to_check,
        understood=tuple(describe_public_reading(assignment.reading)),
        unchecked=(
            *describe_reading(find_unmeasured(assignment.reading, assignment.kind, (*draft.checks, *draft.excused))),
            *map(describe_check, draft.excused),
        ),
        written=draft.data,
        changed=diff_version(assignment, draft.content.text),
        used=draft.answer.used,
        calls=tuple(calls),
        habit=draft.answer.habit,
        withdrawn=tuple(
            dict.fromkeys(
                filter(None, [*assignment.request.withdrawn, *(check.requirement for check in draft.excused)])
            )
        ),
    )
