"""Results as they are saved: the row of one, with the reasons that shaped it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.content import Assignment, Request, Result
from bot.generation.provenance import build_provenance
from bot.generation.sources import list_sources
from bot.locales import translate, translate_error
from storage.errors import ForgottenError, PausedError, StorageError
from storage.generations import Generation

NOT_KEPT = "You have paused me, so I did not save this and it has no buttons. Use /privacy resume to change that."


def build_generation(
    request: Request, result: Result, assignment: Assignment, variants: Sequence[str] = ()
) -> Generation:
    """Build the row of a result with the reasons that shaped it; `variants` are the ids of all its siblings."""
    # The edited version is saved as a result of its own.
    request = replace(request, before=None)
    reasons = build_provenance(assignment, result.content.text) | {"calls": list(result.calls), "engine": result.engine}
    reasons |= {"changed": [list(one) for one in result.changed]} if result.changed else {}
    reasons |= {"to_check": result.to_check} if result.to_check else {}
    reasons |= {"withdrawn": list(result.withdrawn)} if result.withdrawn else {}
    reasons |= {"unchecked": [one.to_json() for one in result.unchecked]} if result.unchecked else {}
    return Generation(
        id=request.id,
        user_id=request.user_id,
        kind=result.kind,
        request=request.to_json(),
        text=result.content.text,
        parts=result.content.parts,
        checks=[check.to_json() for check in result.checks],
        persona=result.persona,
        engine=result.engine,
        seed=result.seed,
        seconds=result.seconds,
        parent_id=request.parent_id,
        guild_id=request.guild_id or None,
        channel_id=request.channel_id or None,
        profile=assignment.memory.profile_id,
        brand=assignment.memory.brand_id,
        written=result.written,
        why={**reasons, **list_sources(result, assignment), **({"variants": list(variants)} if variants else {})},
    )


async def try_save(save: Callable[[], Awaitable[None]], locale: str) -> str:
    """Save a result; return an empty string, or the reason it was not saved. The user gets the result either way.

    Raises:
        ForgottenError: its owner was erased meanwhile.
    """
    try:
        await save()
    except PausedError:
        return translate(NOT_KEPT, locale)
    except ForgottenError:
        raise
    except StorageError as error:
        return translate_error(error, locale)
    return ""
