"""Requests for another version of a result: the same again, with a wish, or of another length."""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot.checks import Check
from bot.content import Alteration, Request, Version
from bot.errors import RefusedError
from bot.generation.route import Route
from storage.generations import Generation

# How sure a kind has to be that a wish about a result of another kind is for a new text.
_SURE = 0.5
# Kinds whose wishes are about a text that is there.
_ABOUT_A_TEXT = ("rewrite", "chat")
_NO_MATERIAL = "I no longer have what was in that file. Attach it again with your request."


def new_seed() -> int:
    """A seed that a person can type again."""
    return secrets.randbelow(100_000)


def is_wish(route: Route, about: Generation, *, replied: bool) -> bool:
    """Whether a message is a wish about a result: a reply is, unless it clearly asks for a text of another kind; another message is
    where it asks for no kind of its own.
    """
    if route.kind is None or route.kind in _ABOUT_A_TEXT:
        return True
    if not replied:
        return False
    return route.kind == about.kind or route.confidence < _SURE


def changed_request(
    earlier: Generation, request_id: str, *, note: str = "", instruction: str = "", variants: int = 1
) -> Request:
    """A request for the same again, or for a change of what is there, as a child of the earlier one and as its profile.

    `wish` is what a button says in words; a note is a wish by itself.

    Raises:
        RefusedError: what was in the file that it was made from is not kept any more.
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
        before=_version(earlier) if instruction or note else None,
        seed=new_seed(),
        revises="",
        alters=None,
    )


def retried(earlier: Generation, request_id: str) -> Request:
    """A request that nothing came of, asked for again.

    Raises:
        RefusedError: what was in the file that it was to be made from is not kept any more.
    """
    if earlier.request.get("material", "") is None:
        raise RefusedError(_NO_MATERIAL)
    return replace(Request.from_json(earlier.request), id=request_id, seed=new_seed())


def answered(asked: Generation, request_id: str, answer: str) -> Request:
    """A request about which its writer had a question, with the answer."""
    request = Request.from_json(asked.request)
    # What kind it is may be clear now.
    kind = None if request.kind in ("chat", "text") else request.kind
    return replace(request, id=request_id, brief=f"{request.brief}\n{answer}", kind=kind, seed=new_seed())


def altering_request(earlier: Generation, request_id: str, alters: Alteration) -> Request:
    """A request for a picture made of one that was drawn, as a child of that result."""
    request = Request.from_json(earlier.request)
    # What is to become of a part is looked at by moderation as any wish.
    instruction = f"{alters.part}: {alters.into}" if alters.into else ""
    return replace(
        request, id=request_id, kind=earlier.kind, parent_id=earlier.id, earlier="", profile=earlier.profile, instruction=instruction,
        before=None, variants=1, seed=new_seed(), revises="", alters=alters, material="", file=None,
    )  # fmt: skip


def _version(result: Generation) -> Version:
    failed = tuple(check.name for check in map(Check.from_json, result.checks) if not check.passed)
    return Version(result.text, result.seed, result.written, failed, str(result.why.get("to_check", "")))
