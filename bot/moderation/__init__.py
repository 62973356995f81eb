"""Moderation: what is refused, and with which words. Rules always apply; the operator can add a service.

It checks all input (briefs, changes, files, profiles, personas, brands, documents) and all results. Refusals are logged by
category, stage and kind, never with their text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Literal, get_args

from bot.errors import Phrase, RefusedError
from bot.runtime.credentials import holds_secret

from .helplines import list_lines
from .rules import classify, find_category, find_excuses

__all__ = [
    "CATEGORIES",
    "NO_EVIDENCE",
    "Category",
    "DespairError",
    "HarmError",
    "SecretError",
    "Source",
    "build_error",
    "find_category",
    "find_excuses",
    "iter_strings",
    "log_refusal",
    "refuse",
    "refuse_despair",
    "refuse_harm",
    "refuse_secrets",
]

log = logging.getLogger(__name__)

Category = Literal[
    "minors", "despair", "threat", "scam", "impersonation", "cure", "doxxing", "hate", "violence", "other"
]
CATEGORIES: tuple[Category, ...] = get_args(Category)
# The source of a text, which determines the message about a credential in it.
Source = Literal["message", "file", "kept"]

# Profile fields that request nothing: facts, for example of a pharmacy or a museum, and words to avoid.
NO_EVIDENCE = frozenset({"facts", "avoid_words"})

_HARM: dict[str, str] = {
    "minors": (
        "I don't write sexual content about anyone under 18. If a child may be in danger, call the police or a child helpline."
    ),
    "threat": "I don't write texts that threaten or insult people. I can help you say calmly what you need.",
    "hate": "I don't write texts that demean people. I can help with fair criticism, or with a text against hate.",
    "scam": (
        "I don't write texts that trick people out of money or data. I can write an honest offer, or a "
        "warning about such scams."
    ),
    "impersonation": (
        "I don't write in someone else's name to deceive people. I can write in your own name, or "
        "write a parody that is labelled as one."
    ),
    "cure": (
        "I don't claim that something cures a disease or replaces medicine. I can describe what it is and "
        "how it feels or tastes."
    ),
    "doxxing": "I don't publish anyone's private address or phone number. I can write a neutral text without them.",
    "violence": (
        "I don't write instructions that could hurt people. I can write about safety, prevention or the "
        "history of the subject."
    ),
    "other": "I don't write that. Tell me what the text is for, and I'll look for another way.",
}
_KEYS: dict[str, str] = {
    "message": "Your message seems to contain a key or password. Delete the message, revoke the key at its "
    "source and ask again without it. I have not stored it.",
    "file": "That file seems to contain a key or password. Remove it, revoke the key at its source and send the "
    "file again. I have not stored any of it.",
    "kept": "Your profile, voice, brand or documents seem to contain a key or password. Delete it there, revoke "
    "the key at its source and ask again.",
}
_DESPAIR = (
    "I'm sorry you are carrying so much, and I'm glad you said it. I won't write this text, but you don't have "
    "to be alone with this: please talk to somebody now, to a person you trust, or here, where someone will "
    "listen:\n{lines}\nIf you are in danger right now, call your country's emergency number."
)


class HarmError(RefusedError):
    """A harmful request of a `category`; the message says what can be written instead."""

    def __init__(self, *, category: Category) -> None:
        self.category = category
        super().__init__(_HARM[category])


class SecretError(RefusedError):
    """A credential in a text that would be stored or sent to a model."""

    def __init__(self, *, source: Source = "message") -> None:
        super().__init__(_KEYS[source])


class DespairError(RefusedError):
    """A user seems to be in despair: no text, but warm words in their `language`, and help lines."""

    category: Category = "despair"

    def __init__(self, *, region: str = "", language: str = "en") -> None:
        self.language = language
        super().__init__(Phrase(_DESPAIR, lines="\n".join(list_lines(region, language))))


def build_error(category: str, language: str = "en") -> RefusedError:
    """Build the error for a category."""
    if category == "despair":
        return DespairError(language=language)
    known: Category = next((one for one in CATEGORIES if one == category), "other")
    return HarmError(category=known)


def refuse(text: str, *, source: Source = "message", kind: str = "") -> None:
    """Refuse a text by the rules.

    Raises:
        SecretError: it contains a credential.
        DespairError: its writer seems to be in despair.
        HarmError: it asks for harm.
    """
    refuse_secrets(text, source=source, kind=kind)
    refuse_harm(text, source=source, kind=kind)


def refuse_harm(text: str, *, source: Source = "message", kind: str = "") -> None:
    """Refuse a text by the rules of harm alone, whatever credentials it contains.

    Raises:
        DespairError: its writer seems to be in despair.
        HarmError: it asks for harm.
    """
    category, language = classify(text)
    if category:
        log_refusal(category, source, kind)
        raise build_error(category, language)


def refuse_despair(text: str, *, source: Source = "message", kind: str = "") -> None:
    """Refuse a text only for despair, in places where other harm is irrelevant.

    Raises:
        DespairError: its writer seems to be in despair.
    """
    category, language = classify(text)
    if category == "despair":
        log_refusal(category, source, kind)
        raise build_error(category, language)


def refuse_secrets(text: str, *, source: Source = "message", kind: str = "") -> None:
    """Refuse a text that contains a credential.

    Raises:
        SecretError: it does.
    """
    if holds_secret(text):
        log_refusal("secret", source, kind)
        raise SecretError(source=source)


def log_refusal(category: str, stage: str, kind: str) -> None:
    """Log a refusal without the text."""
    log.info("refused", extra={"category": category, "stage": stage, "kind": kind or None})


def iter_strings(value: object) -> Iterator[str]:
    """Yield every string in JSON-like data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from iter_strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from iter_strings(one)
