"""Requests for another version of a result: the same again, with an instruction, or of another length."""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot.checks import Check
from bot.content import Alteration, Request, Version
from bot.errors import RefusedError
from storage.generations import Generation

_NO_MATERIAL = "I no longer have what was in that file. Attach it again with your request."


def generate_seed() -> int:
    """Return a random seed short enough to type."""
    return secrets.randbelow(100_000)


def build_change_request(
    earlier: Generation, request_id: str, *, note: str = "", instruction: str = "", variants: int = 1
) -> Request:
    """Build a request to repeat or change a result, as its child and with its profile.

    `wish` is a button's instruction in words; a note is an instruction of its own.

    Raises:
        RefusedError: the text of its attached file is no longer stored.
    """
    if earlier.request.get("material", "") is None:
        raise RefusedError(_NO_MATERIAL)
    request = Request.from_json(earlier.request)
    return replace(
        request,
        id=request_id,
        kind=earlier.kind,
        parent_id=earlier.id,
        earlier="",
        notes=(*request.notes, note) if note else request.notes,
        instruction=instruction or note,
        profile=earlier.profile,
        variants=variants,
        before=_build_version(earlier) if instruction or note else None,
        seed=generate_seed(),
        revises="",
        alters=None,
        about=(),
        begins_anew=False,
        withdrawn=tuple(earlier.why.get("withdrawn", ())),
    )


def build_retry_request(earlier: Generation, request_id: str) -> Request:
    """Build the retry of a failed request.

    Raises:
        RefusedError: the text of its attached file is no longer stored.
    """
    if earlier.request.get("material", "") is None:
        raise RefusedError(_NO_MATERIAL)
    return replace(Request.from_json(earlier.request), id=request_id, seed=generate_seed())


def build_answer_request(asked: Generation, request_id: str, answer: str) -> Request:
    """Build a request that continues one with a writer's question by the answer."""
    request = Request.from_json(asked.request)
    # The answer may make the kind clear.
    kind = None if request.kind in ("chat", "text") else request.kind
    return replace(request, id=request_id, brief=f"{request.brief}\n{answer}", kind=kind, seed=generate_seed())


def build_alteration_request(earlier: Generation, request_id: str, alters: Alteration) -> Request:
    """Build a request for a picture made from a drawn one, as a child of that result."""
    request = Request.from_json(earlier.request)
    # Moderation screens the change of a part like any instruction.
    instruction = f"{alters.part}: {alters.into}" if alters.into else ""
    return replace(
        request,
        id=request_id,
        kind=earlier.kind,
        parent_id=earlier.id,
        earlier="",
        profile=earlier.profile,
        instruction=instruction,
        before=None,
        variants=1,
        seed=generate_seed(),
        revises="",
        alters=alters,
        material="",
        file=None,
    )


def _build_version(result: Generation) -> Version:
    failed = tuple(check.name for check in map(Check.from_json, result.checks) if not check.passed)
    return Version(result.text, result.seed, result.written, failed, str(result.why.get("to_check", "")))
