"""The texts that a result is written from. Pure."""

from __future__ import annotations

from bot.content import Assignment


def list_trusted_texts(assignment: Assignment) -> tuple[str, ...]:
    """Return the texts that the user and their brand provided."""
    profile, habits = assignment.profile, assignment.habits
    return (
        assignment.brief,
        assignment.request.instruction,
        assignment.plan,
        profile.link,
        *assignment.book.statements,
        *profile.facts,
        *profile.accessibility,
        *profile.prefer_terms,
        profile.organisation,
        profile.display_name,
        profile.role,
        habits.greeting,
        habits.closing,
        *habits.notes,
    )


def list_source_texts(assignment: Assignment) -> tuple[str, ...]:
    """Return the other texts that the result is based on: the earlier version and document passages."""
    return (assignment.request.earlier, *(passage.text for passage in assignment.memory.passages))


def join_inputs(assignment: Assignment) -> str:
    """Return everything that a text may take its words and figures from, a line each."""
    request, brand = assignment.request, assignment.memory.brand
    return "\n".join(
        (
            *list_trusted_texts(assignment),
            *list_source_texts(assignment),
            request.material,
            request.before.text if request.before else "",
            *(brand.samples if brand else ()),
        )
    )
